#!/usr/bin/env bash
# Makes build/hello.wasm. Needs zig 0.17.0 (pip install ziglang==0.17.0) and `componentize` (on PATH, or set COMPONENTIZE).
# After a change in wit/ or world.wit first: wit-bindgen c --world roomcast:hello/hello --out-dir bindings ../../wit world.wit
# (cargo install wit-bindgen-cli --locked --version 0.63.0)
set -euo pipefail
cd "$(dirname "$0")"
read -ra zig <<<"${ZIG:-python3 -m ziglang}"
mkdir -p build

# From the C header to a Zig module, then everything to a core module. What is exported, and the component's type, the
# bindings say: hello.c names the exports, and hello_component_type.o has the type.
"${zig[@]}" translate-c -lc -target wasm32-wasi bindings/hello.h >build/bindings.zig
"${zig[@]}" build-exe -target wasm32-wasi -mexec-model=reactor -OReleaseSmall -fstrip -lc --stack 524288 \
    --dep bindings -Mroot=hello.zig bindings/hello.c bindings/hello_component_type.o -Mbindings=build/bindings.zig \
    -femit-bin=build/core.wasm

# The component.
"${COMPONENTIZE:-componentize}" --adapt build/core.wasm build/hello.wasm
