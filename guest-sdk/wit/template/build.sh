#!/bin/sh
# Makes build/{{name}}.wasm, for `roomcast build`, `dev` and `test`, which say in ROOMCAST where the program is.
set -eu
cd "$(dirname "$0")"
roomcast=${ROOMCAST:-roomcast}
mkdir -p build

# First a core module, by a compiler for wasm32: here it is text, which needs none. Then a component of it, of the type
# that the world `plugin` in wit/ describes.
"$roomcast" component plugin.wat --wit wit --world plugin -o build/{{name}}.wasm

# The same in other languages. docs/plugins/any-language.md has each in full, with its source.
#
# C, Zig, Nim, D and what else can call C, with bindings by `wit-bindgen c wit --world plugin --out-dir bindings`:
#   zig build-exe -target wasm32-wasi -mexec-model=reactor -OReleaseSmall -lc plugin.c \
#       bindings/plugin.c bindings/plugin_component_type.o -femit-bin=build/core.wasm
#   "$roomcast" component build/core.wasm -o build/{{name}}.wasm
# AssemblyScript, whose texts are UTF-16:
#   "$roomcast" component build/core.wasm --wit wit --world plugin --encoding utf16 -o build/{{name}}.wasm
# Tools that make components by themselves, such as componentize-py, need no `roomcast component`:
#   componentize-py -d wit -w plugin componentize app -o build/{{name}}.wasm
# Rust needs no build.sh: a Cargo.toml is enough.
