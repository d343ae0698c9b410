#!/bin/sh
# build.sh PROJECT_DIR: makes PROJECT_DIR/build/NAME.wasm of PROJECT_DIR/plugin.py. NAME is what pyproject.toml says.
set -eu

fail() {
    echo "error: $1" >&2
    exit 1
}

[ $# -eq 1 ] || fail "say which folder: $0 PROJECT_DIR"
[ -d "$1" ] || fail "$1 is no folder"
project=$(cd "$1" && pwd)
sdk=$(cd "$(dirname "$0")" && pwd)
name=$(sed -n 's/^name *= *"\([A-Za-z0-9_-]*\)".*/\1/p' "$project/pyproject.toml" 2>/dev/null | head -n 1)
[ -n "$name" ] || fail "$project/pyproject.toml does not say name = \"...\", in letters, digits, - and _"

# 1. The Python of the project's own environment, otherwise the one that is active; and in it componentize-py, in the
#    version that requirements.txt pins.
wanted=$(sed -n 's/^componentize-py==//p' "$sdk/requirements.txt")
install="run in $project:
    python3 -m venv .venv && .venv/bin/pip install -r requirements.txt"
python=$project/.venv/bin/python
[ -x "$python" ] || python=$(command -v python3) || fail "there is no python3: install Python 3.10 or newer"
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 10))' ||
    fail "$("$python" --version) is too old: install Python 3.10 or newer, and make the environment again"
found=$("$python" -c 'from importlib.metadata import version; print(version("componentize-py"))' 2>/dev/null) ||
    fail "componentize-py is not installed; $install"
[ "$found" = "$wanted" ] || fail "componentize-py is $found, and this SDK is made for $wanted; $install"

# 2. Which hooks the plugin has. This runs its file once, so that mistakes are told by Python itself, and writes the
#    world to build against and the module to start from.
out=$project/build
PYTHONPATH=$sdk PYTHONDONTWRITEBYTECODE=1 "$python" -m roomcast_sdk._build "$project" "$out/python"

# 3. The component: CPython for WebAssembly, with all modules that the file imports, as they are after it has run. What
#    pip has installed in the environment is found, too, if it is pure Python. Both stores of the contract are called
#    `store`; here they get names that do not depend on which of them is used. The old component stays until the new one
#    is complete, since a server may be watching it.
VIRTUAL_ENV=$("$python" -c 'import sys; print(sys.prefix)') "$(dirname "$python")/componentize-py" --quiet \
    --wit-path "$sdk/wit" --wit-path "$out/python/world.wit" --world roomcast:python/component \
    --import-interface-name wasi:config/store@0.2.0-rc.1=wasi_config \
    --import-interface-name wasi:keyvalue/store@0.2.0-draft2=wasi_keyvalue \
    componentize roomcast_entry --python-path "$out/python" --python-path "$project" --python-path "$sdk" \
    --output "$out/python/$name.wasm"
mv "$out/python/$name.wasm" "$out/$name.wasm"
echo "built build/$name.wasm ($(($(wc -c <"$out/$name.wasm") / 1024)) KiB)"
