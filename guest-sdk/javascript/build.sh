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

# Node.js and npm are all that has to be there before.
command -v node >/dev/null || fail "Node.js is not installed: get version 20 or newer, for example with 'apt install nodejs npm'"
command -v npm >/dev/null || fail "npm is not installed: it comes with Node.js, or with 'apt install npm'"
node -e 'process.exit(process.versions.node.split(".")[0] >= 20 ? 0 : 1)' ||
    fail "Node.js $(node --version) is too old: version 20 or newer is needed"

# The bundler and the engine, in the exact versions of the SDK's package.json. Packages run no scripts of their own: both
# bring their programs as packages for this system.
has() {
    [ -e "$project/node_modules/$1/package.json" ] || [ -e "$sdk/node_modules/$1/package.json" ]
}
if ! has esbuild || ! has componentize-qjs; then
    echo "installing the tools (once): npm install" >&2
    npm install --prefix "$project" --ignore-scripts --no-audit --no-fund --loglevel=error >&2 ||
        fail "npm install has failed in $project; it needs the npm registry, or a cache of it"
fi

exec node "$sdk/builder/main.mjs" "$project"
