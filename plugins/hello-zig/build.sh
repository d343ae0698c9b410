#!/bin/sh
# Makes build/hello.wasm, for `roomcast build`, which says in ROOMCAST where the program is. Needs zig 0.17.0
# (pip install ziglang==0.17.0); ZIG names another command than `python3 -m ziglang`.
# After a change in wit/ or world.wit first: wit-bindgen c --world roomcast:hello/hello --out-dir bindings ../../wit world.wit
# (cargo install wit-bindgen-cli --locked --version 0.63.0)
set -eu
cd "$(dirname "$0")"
zig=${ZIG:-python3 -m ziglang} # in words: it stays without quotes
mkdir -p build

# From the C header to a Zig module, then everything to a core module. What is exported, and the component's type, the
# bindings say: hello.c names the exports, and hello_component_type.o has the type.
$zig translate-c -lc -target wasm32-wasi bindings/hello.h >build/bindings.zig
$zig build-exe -target wasm32-wasi -mexec-model=reactor -OReleaseSmall -fstrip -lc --stack 524288 \
    --dep bindings -Mroot=hello.zig bindings/hello.c bindings/hello_component_type.o -Mbindings=build/bindings.zig \
    -femit-bin=build/core.wasm

# The component.
"${ROOMCAST:-roomcast}" component build/core.wasm -o build/hello.wasm
