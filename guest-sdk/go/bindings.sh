#!/bin/sh
# Makes the generated files of this SDK again, after the contract has changed. Plugin authors never need it: the files are
# checked in.
#
#   cargo install wit-bindgen-cli --locked --version 0.63.0
#   sh guest-sdk/go/bindings.sh CRATE
#
# CRATE is the unpacked source of the crate wit-bindgen-go 0.63.0 (in cargo's registry folder after the install): the Go
# code that bindings need beside them comes from its folder src/pkg. WIT_BINDGEN and GO name other programs.
set -eu

crate=${1:?name the folder of the crate wit-bindgen-go}
wit_bindgen=${WIT_BINDGEN:-wit-bindgen}
go=${GO:-go}
sdk=$(cd "$(dirname "$0")" && pwd)
module=$(cd "$sdk" && "$go" list -m)
bindings=internal/bindings
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

rm -rf "$sdk/wit"
cp -R "$sdk/../../wit" "$sdk/wit"
rm -rf "$sdk/wit/README.md" "$sdk"/wit/deps/roomcast-plugin-*

# generate NAME 'WORLD': bindings for a world, in $work/NAME.
generate() {
    mkdir "$work/$1"
    cp -R "$sdk/wit" "$work/$1/wit"
    printf 'package roomcast:plugin@0.1.0;\nworld sdk { %s }\n' "$2" > "$work/$1/wit/sdk.wit"
    bind "$1"
}

# bind NAME: bindings for the world `sdk` in $work/NAME/wit.
bind() {
    "$wit_bindgen" go --quiet --world sdk --pkg-name "$module/$bindings" --out-dir "$work/$1/out" "$work/$1/wit" > "$work/log" 2>&1 ||
        { cat "$work/log"; exit 1; }
}

# settle FILE SED-COMMAND...: one generated file, with this SDK's import paths.
settle() {
    file=$1
    shift
    sed -e "s#\"$module/$bindings/imports/#\"$module/$bindings/#" \
        -e "s#\"go.bytecodealliance.org/pkg/wit/#\"$module/internal/wit/#" "$@"  "$file"
}

rm -rf "$sdk/$bindings"
generate imports 'include imports; include capabilities; include drafts;'
for folder in "$work"/imports/out/imports/*/; do
    name=$(basename "$folder")
    mkdir -p "$sdk/$bindings/$name"
    settle "$folder/wit_bindings.go" -e '1s/^/\/\/go:build wasip1\n\n/' > "$sdk/$bindings/$name/bindings.go"
    cp "$folder/empty.s" "$sdk/$bindings/$name/empty_wasm.s"
done

# Each hook is a package of its own, so that a component exports the hooks whose packages it imports, and no others.
for hook in lifecycle connect disconnect room publish message timer fetch-events state; do
    generate "$hook" "export $hook;"
    package=$(echo "$hook" | tr -d -)
    mkdir -p "$sdk/export/$package"
    settle "$work/$hook/out/exports/wit_exports/wit_exports.go" -e "/\"[^\"]*\/exports\/export_/d" \
        -e "s/export_roomcast_plugin_[a-z_]*\.//" -e "s/^package wit_exports/package $package/" \
        -e '1s/^/\/\/go:build wasip1\n\n/' > "$sdk/export/$package/bindings.go"
done
# The types that these hooks have of their own.
for hook in publish message fetch-events; do
    name=roomcast_plugin_$(echo "$hook" | tr - _)
    mkdir -p "$sdk/$bindings/$name"
    settle "$work/$hook/out/imports/$name/wit_bindings.go" > "$sdk/$bindings/$name/bindings.go"
done

# The shared types are plain Go and serve tests, too, all but the resource, whose functions are the host's. So tests have a
# file without it.
mkdir -p "$work/plain/wit"
sed '/^  resource request {/,/^  }/c\  type request = u32;' "$sdk/wit/types.wit" > "$work/plain/wit/types.wit"
printf 'package roomcast:plugin@0.1.0;\nworld sdk { import types; }\n' > "$work/plain/wit/sdk.wit"
bind plain
settle "$work/plain/out/imports/roomcast_plugin_types/wit_bindings.go" \
    -e '1s/^/\/\/go:build !wasip1\n\n/' > "$sdk/$bindings/roomcast_plugin_types/plain.go"

# What the bindings need beside them. Streams and futures are left out, and runtime.go is a file of this SDK's by now:
# compare it by hand.
for file in option.go result.go tuple.go unit.go; do
    cp "$crate/src/pkg/wit/types/$file" "$sdk/internal/wit/types/$file"
done
cp "$crate/src/pkg/LICENSE" "$sdk/internal/wit/LICENSE"
"$("$go" env GOROOT)/bin/gofmt" -w "$sdk/$bindings" "$sdk/export" "$sdk/internal/wit"
