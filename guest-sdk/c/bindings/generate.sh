#!/usr/bin/env bash
# Makes the bindings of this folder from the contract, which whoever uses the SDK need not do: they are committed.
# Run it after a change in wit/. Needs: cargo install wit-bindgen-cli --locked --version 0.63.0
set -euo pipefail
cd "$(dirname "$0")"
wit=../../../wit
generate() { "${WIT_BINDGEN:-wit-bindgen}" c --out-dir . "$@" >/dev/null; }

"${WIT_BINDGEN:-wit-bindgen}" --version | grep -qF "wit-bindgen-cli 0.63.0" || {
    echo "this needs wit-bindgen 0.63.0: cargo install wit-bindgen-cli --locked --version 0.63.0" >&2
    exit 1
}
rm -f ./*.c ./*.h ./*.o
# What a plugin may import.
generate --world roomcast:plugin/imports "$wit"
generate --world roomcast:plugin/capabilities --rename "roomcast:plugin/types@0.1.0=capabilities_types" "$wit"
# What it may export: each hook by itself, with names of its own for the types that all share.
for hook in connect disconnect room publish message fetch-events; do
    generate --world "roomcast:c/$hook" --rename "roomcast:plugin/types@0.1.0=${hook//-/_}_types" "$wit" hooks.wit
done
for hook in lifecycle timer state; do
    generate --world "roomcast:c/$hook" "$wit" hooks.wit
done
