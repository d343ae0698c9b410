//! Components for WASI 0.3, which this server does not run: its functions are async, and so is their binary format.

use wasmparser::{Validator, WasmFeatures};

/// Why a component is one for WASI 0.3, if the only thing wrong with its bytes is that they use async functions.
pub(super) fn of_bytes(bytes: &[u8]) -> Option<String> {
    let known = WasmFeatures::default().difference(WasmFeatures::CM_ASYNC);
    let with_async = known
        | WasmFeatures::CM_ASYNC
        | WasmFeatures::CM_ASYNC_STACKFUL
        | WasmFeatures::CM_MORE_ASYNC_BUILTINS
        | WasmFeatures::CM_ERROR_CONTEXT
        | WasmFeatures::CM_THREADING;
    let is_valid = |features| Validator::new_with_features(features).validate_all(bytes).is_ok();
    (!is_valid(known) && is_valid(with_async)).then(|| "it has async functions".into())
}

/// Why a component is one for WASI 0.3, if it imports an interface of that version.
pub(super) fn of_imports(imports: &[String]) -> Option<String> {
    let is_later = |import: &&String| {
        import.starts_with("wasi:") && import.split_once('@').is_some_and(|(_, version)| version.starts_with("0.3."))
    };
    imports.iter().find(is_later).map(|import| format!("it imports `{import}`"))
}
