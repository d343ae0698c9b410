//! Hashes, and checks of tokens and signatures, done by the host: code in a sandbox is slower, and not safe from timing.
//!
//! It reaches nothing, so it needs no grant. Data and keys are at most 1 MiB each.
//!
//! ```no_run
//! use roomcast_sdk::crypto::{self, Hash};
//!
//! # fn check(secret: &[u8], head_and_claims: &str, tag: &[u8]) -> Result<bool, roomcast_sdk::Error> {
//! crypto::verify_hmac(&Hash::Sha256, secret, head_and_claims, tag) // a token of kind HS256
//! # }
//! ```
//!
//! Natively, in unit tests, there is no host to do it: every function answers [`Error::Other`].

pub use crate::bindings::roomcast::plugin::crypto::{Hash, Signature};

use crate::{Error, host};

/// The hash of data.
///
/// # Errors
/// If the data is too large, or the host does not have the function.
pub fn digest(hash: &Hash, data: impl AsRef<[u8]>) -> Result<Vec<u8>, Error> {
    host::digest(hash, data.as_ref())
}

/// The HMAC of data, as long as the hash. To check one that was given to you use [`verify_hmac`].
///
/// # Errors
/// Those of [`digest`].
pub fn hmac(hash: &Hash, key: impl AsRef<[u8]>, data: impl AsRef<[u8]>) -> Result<Vec<u8>, Error> {
    host::hmac(hash, key.as_ref(), data.as_ref())
}

/// Whether it is the HMAC of data. How long that takes does not depend on the HMAC.
///
/// # Errors
/// Those of [`digest`].
pub fn verify_hmac(
    hash: &Hash,
    key: impl AsRef<[u8]>,
    data: impl AsRef<[u8]>,
    hmac: impl AsRef<[u8]>,
) -> Result<bool, Error> {
    host::verify_hmac(hash, key.as_ref(), data.as_ref(), hmac.as_ref())
}

/// Whether data was signed with the private key of this public one, whose form [`Signature`] says. False also when the key is
/// not a key.
///
/// # Errors
/// If an argument is too large, or the host does not have the algorithm.
pub fn verify(
    algorithm: &Signature,
    key: impl AsRef<[u8]>,
    data: impl AsRef<[u8]>,
    signature: impl AsRef<[u8]>,
) -> Result<bool, Error> {
    host::verify(algorithm, key.as_ref(), data.as_ref(), signature.as_ref())
}
