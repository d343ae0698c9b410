#!/usr/bin/env bash
# Makes the bindings of this folder from the contract. They are committed, so users of the SDK need not run it.
# Run it after a change in wit/. Needs: cargo install wit-bindgen-cli --locked --version 0.63.0
set -euo pipefail
cd "$(dirname "$0")"
wit_bindgen="${WIT_BINDGEN:-wit-bindgen}"
# generate WORLD [OPTION...]
generate() {
    local world=$1
    shift
    "$wit_bindgen" c --out-dir . --world "roomcast:c/$world" "$@" ../../../wit clocks.wit worlds.wit >/dev/null
}

"$wit_bindgen" --version | grep -qF "wit-bindgen-cli 0.63.0" || {
    echo "this needs wit-bindgen 0.63.0: cargo install wit-bindgen-cli --locked --version 0.63.0" >&2
    exit 1
}
rm -f ./*.c ./*.h ./*.o
# Each world has names of its own for the types that all share.
generate imports
for world in capabilities connect disconnect room publish message fetch-events; do
    generate "$world" --rename "roomcast:plugin/types@0.1.0=${world//-/_}_types"
done
for world in lifecycle timer state; do
    generate "$world"
done
