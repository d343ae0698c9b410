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
[ -f "$project/plugin.py" ] || fail "there is no plugin.py in $project: that is the file with your hooks"

# 1. A Python with componentize-py, in the version that requirements.txt pins: the one of the project's own environment, or
#    else the one that is active, or else the environment is made, once.
wanted=$(sed -n 's/^componentize-py==//p' "$sdk/requirements.txt")
ready() {
    "$1" -c "import sys; from importlib.metadata import version; sys.exit(version('componentize-py') != '$wanted')" 2>/dev/null
}
python=$project/.venv/bin/python
if ! ready "$python"; then
    base=$(command -v python3) || fail "there is no python3: install Python 3.10 or newer, for example with 'apt install python3 python3-venv'"
    if ready "$base"; then
        python=$base
    else
        "$base" -c 'import sys; sys.exit(sys.version_info < (3, 10))' ||
            fail "$("$base" --version) is too old: install Python 3.10 or newer"
        requirements=$project/requirements.txt
        [ -f "$requirements" ] || requirements=$sdk/requirements.txt
        echo "installing componentize-py $wanted, once: python3 -m venv .venv && .venv/bin/pip install -r $requirements" >&2
        "$base" -m venv "$project/.venv" >&2 ||
            fail "python3 -m venv has failed in $project; on Debian and Ubuntu it needs 'apt install python3-venv'"
        "$python" -m pip install --quiet --disable-pip-version-check --requirement "$requirements" >&2 ||
            fail "pip install has failed in $project; it needs the package index, or a cache of it"
        ready "$python" || fail "$requirements does not ask for componentize-py==$wanted"
    fi
fi

# 2. Which hooks the plugin has. This runs its file once, so that mistakes are told by Python itself, and writes the
#    world to build against and the module to start from.
out=$project/build
PYTHONPATH=$sdk PYTHONDONTWRITEBYTECODE=1 "$python" -m roomcast_sdk._build "$project" "$out/python"

# 3. The component: CPython for WebAssembly, with all modules that the file imports, as they are after it has run. What
#    pip has installed in the environment is found, too, if it is pure Python. Interfaces whose short names collide get
#    names that do not depend on which of them are used. The old component stays until the new one is complete, since a
#    server may be watching it.
log=$out/python/componentize.log
RUST_BACKTRACE=0 VIRTUAL_ENV=$("$python" -c 'import sys; print(sys.prefix)') "$(dirname "$python")/componentize-py" --quiet \
    --wit-path "$sdk/wit" --wit-path "$sdk/wit-http" --wit-path "$out/python/world.wit" --world roomcast:python/component \
    --import-interface-name wasi:config/store@0.2.0-rc.1=wasi_config \
    --import-interface-name wasi:keyvalue/store@0.2.0-draft2=wasi_keyvalue \
    --import-interface-name roomcast:plugin/types@0.1.0=types \
    --import-interface-name wasi:http/types@0.2.12=wasi_http \
    componentize roomcast_entry --python-path "$out/python" --python-path "$project" --python-path "$sdk" \
    --output "$out/python/$name.wasm" >"$log" 2>&1 || {
    # What the file has said in the component, without the tool's own frames, and with paths as they are here.
    sed -n -e 's|File "/[0-9]*/|File "|' \
        -e '/^AssertionError: /,/^Caused by:/{s/^AssertionError: //;/^Caused by:/d;p;}' "$log" >&2
    fail "$project/plugin.py does not run in a component; all that componentize-py has said is in $log"
}
mv "$out/python/$name.wasm" "$out/$name.wasm"
echo "built build/$name.wasm ($(($(wc -c <"$out/$name.wasm") / 1024)) KiB)"
