#!/usr/bin/env bash
# Makes PROJECT/build/NAME.wasm, a component, from the C and C++ files of a project.
#
#   build.sh PROJECT        NAME is what `path = "build/NAME.wasm"` in its roomcast.toml says
#
# Needs zig 0.17.0, which brings clang, libc and libc++ for WebAssembly: pip install ziglang==0.17.0
# (or set ZIG to a command that runs it), and `componentize` (on PATH, or set COMPONENTIZE).
set -euo pipefail

sdk=$(cd "$(dirname "$0")" && pwd)
project=${1:?usage: build.sh PROJECT}
die() { echo "build.sh: $*" >&2; exit 1; }
[ -d "$project" ] || die "there is no folder $project"
cd "$project"

# 1. What is to be made, of what.
[ -f roomcast.toml ] || die "$project has no roomcast.toml; it says where the component goes: path = \"build/NAME.wasm\""
output=$(sed -n 's/^ *path *= *"\(build\/[^"]*\.wasm\)".*/\1/p' roomcast.toml | head -n 1)
[ -n "$output" ] || die "$project/roomcast.toml has no line path = \"build/NAME.wasm\""
shopt -s nullglob
c_files=(*.c src/*.c)
cpp_files=(*.cpp *.cc src/*.cpp src/*.cc)
more_objects=(*.o src/*.o) # such as the type of more imports, by wit-bindgen
[ $((${#c_files[@]} + ${#cpp_files[@]})) -gt 0 ] || die "$project has no .c or .cpp file, nor has $project/src"

# 2. The tools, in the versions that this was made with. Another zig has another clang, with other warnings and bugs.
if [ -n "${ZIG:-}" ]; then
    read -ra zig <<<"$ZIG"
elif [ "$(zig version 2>/dev/null)" = 0.17.0 ]; then
    zig=(zig)
else
    zig=(python3 -m ziglang)
fi
found=$("${zig[@]}" version 2>/dev/null) || die "zig was not found: pip install ziglang==0.17.0"
[ "$found" = 0.17.0 ] || die "this is zig $found, and 0.17.0 is needed: pip install ziglang==0.17.0"
componentize=${COMPONENTIZE:-componentize}
command -v "$componentize" >/dev/null || die "\`$componentize\` was not found; it is part of Roomcast's tools"

# 3. Flags. Small code; names of functions stay, so that a trap says where (see step 6).
target=(-target wasm32-wasi)
compile=("${target[@]}" -Os -g0 -I "$sdk/include" -Wall -Wextra -Wno-unused-parameter -fmacro-backtrace-limit=1
    -Werror=return-type -Werror=format)
# Mistakes end the call instead of spoiling memory: assert counts, and reading by a null pointer, which WebAssembly allows,
# reading past an array, and the like, trap.
compile+=(-UNDEBUG -fsanitize=null,bounds,object-size,unreachable,return,integer-divide-by-zero -fsanitize-trap=all)
# What would compile and be wrong: `.data = "hi"` in place of `.data = RC("hi")`, and the like.
c=("${compile[@]}" -std=gnu23 -Werror=incompatible-pointer-types -Werror=int-conversion -Werror=missing-braces)
# No exceptions and no run-time types: WebAssembly components have no means for the first, and the second cost size.
# The library's own checks, such as of v[i], are on, and say what was wrong; zig switches them off.
cpp=("${compile[@]}" -std=c++23 -fno-exceptions -fno-rtti
    -U_LIBCPP_HARDENING_MODE -D_LIBCPP_HARDENING_MODE=_LIBCPP_HARDENING_MODE_FAST
    -U_LIBCPP_ASSERTION_SEMANTIC_DEFAULT -D_LIBCPP_ASSERTION_SEMANTIC_DEFAULT=_LIBCPP_ASSERTION_SEMANTIC_ENFORCE
    -Werror=overloaded-virtual -Wsuggest-override)

# 4. The SDK, as a library of which the linker takes what the plugin refers to: so a hook that it does not name is not
#    exported. With each hook comes its *_component_type.o, the description of the component's type; these add up.
library=build/sdk/libroomcast.a
if [ ! -f "$library" ] || [ -n "$(find "$sdk" -newer "$library" -type f -print -quit)" ]; then
    rm -rf build/sdk && mkdir -p build/sdk
    for file in "$sdk"/src/*.c "$sdk"/src/hooks/*.c "$sdk"/bindings/{imports,capabilities}.c; do
        "${zig[@]}" cc "${target[@]}" -Os -g0 -std=gnu23 -c "$file" -o "build/sdk/$(echo "${file#"$sdk"/}" | tr / _).o"
    done
    "${zig[@]}" ar rcs "$library.new" build/sdk/*.o "$sdk"/bindings/*_component_type.o
    mv "$library.new" "$library"
fi

# 5. The plugin: compiled, then linked to a core module. `reactor`: functions to call, no main. The stack lies below
#    everything else, so that overflowing it traps.
mkdir -p build/objects && rm -f build/objects/*
for file in "${c_files[@]}"; do
    "${zig[@]}" cc "${c[@]}" -c "$file" -o "build/objects/$(echo "$file" | tr / _).o"
done
for file in "${cpp_files[@]}"; do
    "${zig[@]}" c++ "${cpp[@]}" -c "$file" -o "build/objects/$(echo "$file" | tr / _).o"
done
linker=cc
[ ${#cpp_files[@]} -eq 0 ] || linker=c++
"${zig[@]}" "$linker" "${target[@]}" -Os -g -mexec-model=reactor -Wl,-z,stack-size=524288 \
    build/objects/*.o "${more_objects[@]}" "$library" -o build/core.wasm

grep -aq 'roomcast:plugin/[a-z]*@[0-9.]*#' build/core.wasm ||
    die "this plugin has no hook: in C name them in RC_HOOKS(...), in C++ override them and end with ROOMCAST_PLUGIN(Name)"

# 6. Zig strips either nothing or also the names of functions, which a trap is told with. So it strips nothing, and what
#    is for debuggers, the sections `.debug_*` (most of it libc's), is left out here.
python3 - build/core.wasm <<'END'
import sys
def number(at):
    value = shift = 0
    while True:
        byte = module[at]; at += 1; value |= (byte & 127) << shift; shift += 7
        if byte < 128: return value, at
module = open(sys.argv[1], "rb").read()
kept, at = module[:8], 8
while at < len(module):
    size, body = number(at + 1)
    length, name = number(body)
    if module[at] != 0 or not module[name:name + length].startswith(b".debug_"):
        kept += module[at:body + size]
    at = body + size
open(sys.argv[1], "wb").write(kept)
END

# 7. The component: the type's descriptions are read and taken out, and if libc's input and output was used, the adapter
#    from WASI preview 1 is put in.
"$componentize" --adapt build/core.wasm "$output"
echo "$project/$output: $(wc -c <"$output") bytes"
