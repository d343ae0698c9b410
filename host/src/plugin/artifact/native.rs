//! Native code under a seal: what it was made of and by which compiler, and whether it is whole.
//!
//! Whoever compiles makes the seal, and whoever loads breaks it; in between the code may lie in a file or come through a
//! pipe. A seal consists of a magic number, the [`Key`], and a hash of the code that follows. It guards against
//! damage and mix-ups, not against forgery: anybody can make one.

mod key;

use sha2::{Digest, Sha256};
use wasmtime::{Config, WasmBacktraceDetails};

pub(in crate::plugin) use key::{Hash, Key, hex};

const MAGIC: &[u8; 16] = b"roomcast-native1";
/// How long the seal is.
pub(in crate::plugin) const SEAL: usize = MAGIC.len() + size_of::<Hash>() * 2;

/// The code, with the seal before it.
pub(in crate::plugin) fn seal(key: &Key, code: &[u8]) -> Vec<u8> {
    let mut sealed = Vec::with_capacity(SEAL + code.len());
    sealed.extend_from_slice(MAGIC);
    sealed.extend_from_slice(key.hash());
    sealed.extend_from_slice(&Sha256::digest(code));
    sealed.extend_from_slice(code);
    sealed
}

/// The code, if it is whole and was sealed under this key.
pub(in crate::plugin) fn unseal<'a>(key: &Key, sealed: &'a [u8]) -> Option<&'a [u8]> {
    let rest = sealed.strip_prefix(MAGIC)?.strip_prefix(key.hash())?;
    let (hash, code) = rest.split_at_checked(size_of::<Hash>())?;
    (Sha256::digest(code).as_slice() == hash).then_some(code)
}

/// The stack of native code that a call may use. Languages keep a stack in their memory beside it, and some watch that one: an
/// interpreter throws an error that its program can catch. So this one is large enough that theirs ends first; only what is
/// used of it takes memory.
const NATIVE_STACK: usize = 64 * 1024 * 1024;

/// What functions of the host may use beyond it.
const HOST_STACK: usize = 3 * 512 * 1024;

/// How the engine is set, and that of a compiler in another process.
pub(in crate::plugin) fn config() -> Config {
    let mut config = Config::new();
    config
        // Deadlines: an endless loop is interrupted, and until then lets others run.
        .epoch_interruption(true)
        // The contract is synchronous; without this a call costs a third.
        .concurrency_support(false)
        .max_wasm_stack(NATIVE_STACK)
        .async_stack_size(NATIVE_STACK + HOST_STACK)
        // Names of functions are enough, whatever WASMTIME_BACKTRACE_DETAILS says.
        .wasm_backtrace_details(WasmBacktraceDetails::Disable);
    config
}

#[cfg(test)]
mod tests {
    use wasmtime::Engine;

    use super::*;

    #[test]
    fn another_engine_has_another_key() {
        let mut config = wasmtime::Config::new();
        config.epoch_interruption(true);
        let (one, two) = (Engine::default(), Engine::new(&config).expect("an engine"));
        let hash = Sha256::digest(b"x").into();
        assert_ne!(Key::of_component(hash, &one).name(), Key::of_component(hash, &two).name());
        assert_eq!(Key::of_component(hash, &one).name(), Key::of_component(hash, &Engine::default()).name());
        let (one, two) = (Key::of_component(hash, &one), Key::of_component(hash, &two));
        assert_eq!(unseal(&one, &seal(&one, b"code")), Some(&b"code"[..]));
        assert_eq!(unseal(&two, &seal(&one, b"code")), None);
    }
}
