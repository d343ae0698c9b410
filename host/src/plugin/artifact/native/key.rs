//! What native code is known by.

use std::hash::{Hash as _, Hasher};

use sha2::{Digest, Sha256};
use wasmtime::Engine;

use crate::plugin::artifact::folder::{COMPONENT, FUNCTIONS};

/// A SHA-256 hash.
pub(in crate::plugin) type Hash = [u8; 32];

/// Stands for what was compiled, together with everything that its native code depends on.
pub(in crate::plugin) struct Key {
    hash: Hash,
    name: String,
}

impl Key {
    /// The key of the component with this hash, compiled by this engine.
    pub(in crate::plugin) fn of_component(hash: Hash, engine: &Engine) -> Self {
        Self::new(hash, engine, COMPONENT)
    }

    /// The key of the functions of components with this shape, compiled by this engine.
    pub(in crate::plugin) fn of_functions(shape: Hash, engine: &Engine) -> Self {
        Self::new(shape, engine, FUNCTIONS)
    }

    fn new(what: Hash, engine: &Engine, kind: &str) -> Self {
        let mut engine_hash = StableHasher(Sha256::new());
        engine.precompile_compatibility_hash().hash(&mut engine_hash);
        let hash: Hash = engine_hash.0.chain_update(kind).chain_update(what).finalize().into();
        Self { hash, name: format!("{}.{kind}", hex(&hash)) }
    }

    pub(in crate::plugin) fn hash(&self) -> &Hash {
        &self.hash
    }

    pub(in crate::plugin) fn name(&self) -> &str {
        &self.name
    }
}

/// Bytes as hexadecimal digits.
pub(in crate::plugin) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The standard library's own hasher has too few bits for a name, and may change with each release.
struct StableHasher(Sha256);

impl Hasher for StableHasher {
    fn write(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    fn finish(&self) -> u64 {
        let hash = self.0.clone().finalize();
        u64::from_le_bytes(hash[..8].try_into().expect("a hash has 32 bytes"))
    }
}
