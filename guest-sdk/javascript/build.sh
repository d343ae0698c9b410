#!/bin/sh
# build.sh PROJECT_DIR: makes PROJECT_DIR/build/NAME.wasm of the plugin in that folder.
# NAME is the name in its package.json; the source is its plugin.ts or plugin.js.
set -eu

fail() {
    echo "error: $*" >&2
    exit 1
}

[ $# -eq 1 ] || fail "name the project's folder: build.sh PROJECT_DIR"
project=$1
sdk=$(cd "$(dirname "$0")" && pwd)
[ -d "$project" ] || fail "$project is not a folder"
[ -e "$project/package.json" ] || fail "$project has no package.json: it is not the folder of a plugin in JavaScript"

# Node.js and npm are all that has to be there before.
command -v node >/dev/null || fail "Node.js is not installed: get version 20 or newer, for example with 'apt install nodejs npm'"
command -v npm >/dev/null || fail "npm is not installed: it comes with Node.js, or with 'apt install npm'"
node -e 'process.exit(process.versions.node.split(".")[0] >= 20 ? 0 : 1)' ||
    fail "Node.js $(node --version) is too old: version 20 or newer is needed"

# The bundler and the engine, in the exact versions of the SDK's package.json. Packages run no scripts of their own: both
# bring their programs as packages for this system. npm installs them beside the project's own packages; for an SDK that
# lies outside of the project it does not, so there they go into the SDK.
ready() {
    for tool in esbuild componentize-qjs; do
        [ -e "$project/node_modules/$tool" ] || [ -e "$sdk/node_modules/$tool" ] || return 1
    done
}
install() {
    echo "installing the tools, once: npm install in $1" >&2
    npm install --prefix "$1" --ignore-scripts --no-audit --no-fund --loglevel=error >&2 ||
        fail "npm install has failed in $1; it needs the npm registry, or a cache of it"
}
[ -e "$project/node_modules/roomcast" ] && ready || install "$project"
ready || install "$sdk"

exec node "$sdk/builder/main.mjs" "$project"
