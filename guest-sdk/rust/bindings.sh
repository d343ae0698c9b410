#!/bin/sh
# Makes src/bindings from wit/ again, after the contract has changed. Plugin authors never need it: the files are checked in,
# because the macro of the crate wit-bindgen would be most of a first build.
#
#   cargo install wit-bindgen-cli --locked --version 0.63.0 --no-default-features --features rust
#   sh guest-sdk/rust/bindings.sh
#
# With --check it changes nothing, needs no wit-bindgen, and fails if the files were made from another contract.
# WIT_BINDGEN names another program.
set -eu
cd "$(dirname "$0")"
wit_bindgen=${WIT_BINDGEN:-wit-bindgen}
version=0.63.0
contract=$(find wit -name '*.wit' | LC_ALL=C sort | xargs cat | git hash-object --stdin)
header="// Made by guest-sdk/rust/bindings.sh from the contract $contract"

if [ "${1:-}" = --check ]; then
    stale=$(find src/bindings -name '*.rs' | xargs grep -LFx "$header") || true
    if [ -n "$stale" ]; then
        echo "made from another contract, run guest-sdk/rust/bindings.sh:" $stale >&2
        exit 1
    fi
    exit 0
fi
"$wit_bindgen" --version | grep -qF "wit-bindgen-cli $version" || {
    echo "this needs wit-bindgen $version, see the top of $0" >&2
    exit 1
}
rm -rf src/bindings
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# generate FOLDER WORLD WIT... [OPTION...]: bindings for a world, in a module of its name.
generate() {
    folder=$1 world=$2
    shift 2
    "$wit_bindgen" rust --world "$world" --out-dir "$work" "$@" >"$work/log" 2>&1 || { cat "$work/log" >&2; exit 1; }
    file=$folder/$(echo "${world#*/}" | tr - _).rs
    mkdir -p "$folder"
    { echo "$header"; cat "$work/$(basename "$file")"; } >"$file"
    rustfmt --edition 2024 --config-path ../.. "$file"
}

# hook WORLD [OPTION...]: bindings for a world that exports one hook.
hook() {
    world=$1
    shift
    printf 'package roomcast:sdk;\nworld %s { export roomcast:plugin/%s@0.1.0; }\n' "$world" "$world" >"$work/hook.wit"
    generate src/bindings/exports "roomcast:sdk/$world" wit "$work/hook.wit" --generate-unused-types --pub-export-macro \
        --additional-derive-attributes PartialEq --additional-derive-attributes Eq "$@"
}

types=--with=roomcast:plugin/types@0.1.0=crate::bindings::roomcast::plugin::types
generate src/bindings roomcast:plugin/imports wit --generate-unused-types --generate-all \
    --additional-derive-attributes PartialEq --additional-derive-attributes Eq
generate src/bindings roomcast:plugin/drafts wit --generate-unused-types --generate-all
generate src/bindings roomcast:plugin/capabilities wit --generate-all "$types"
for world in lifecycle timer state; do
    hook "$world"
done
for world in connect disconnect room publish message fetch-events; do
    hook "$world" "$types"
done
