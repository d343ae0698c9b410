#!/bin/sh
# bindings.sh: writes build/bindings, the types of everything that a component may import, for the type checkers.
set -eu
cd "$(dirname "$0")"
mkdir -p build
cat >build/everything.wit <<'WIT'
package roomcast:everything;

world component {
  include roomcast:plugin/plugin@0.1.0;
  include roomcast:plugin/capabilities@0.1.0;
  include roomcast:plugin/drafts@0.1.0;
  include roomcast:python-http/http@0.1.0;
}
WIT
rm -rf build/bindings
.venv/bin/componentize-py --quiet --wit-path wit --wit-path wit-http --wit-path build/everything.wit \
    --world roomcast:everything/component \
    --import-interface-name wasi:config/store@0.2.0-rc.1=wasi_config \
    --import-interface-name wasi:keyvalue/store@0.2.0-draft2=wasi_keyvalue \
    --import-interface-name roomcast:plugin/types@0.1.0=types \
    --import-interface-name wasi:http/types@0.2.12=wasi_http \
    bindings build/bindings
