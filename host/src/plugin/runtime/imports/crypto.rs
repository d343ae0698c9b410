//! `crypto`: hashes, and checks of tokens and signatures, by the library that TLS uses here.

use ring::digest::{self, Algorithm};
use ring::hmac;
use ring::signature::{self as signatures, UnparsedPublicKey, VerificationAlgorithm};
use wasmtime::component::HasData;

use crate::plugin::contract::bindings::crypto::{Hash, Host, Signature};
use crate::plugin::contract::bindings::types::Error;
use crate::plugin::runtime::imports::calls::HostCalls;

/// The most bytes of one argument: nothing else runs on the thread while a call works, and a hash of this takes some
/// milliseconds. Keys of RSA are bounded by the algorithms.
const MAX_BYTES: usize = 1 << 20;

/// What a call works on.
pub(in crate::plugin) struct CryptoHost<'a> {
    pub(in crate::plugin) calls: &'a mut HostCalls,
}

impl HasData for CryptoHost<'static> {
    type Data<'a> = CryptoHost<'a>;
}

impl CryptoHost<'_> {
    /// Charge one call with these arguments, none of which may be too large.
    fn admit(&mut self, arguments: &[(&str, &[u8])]) -> Result<(), Error> {
        self.calls.charge(arguments.iter().map(|(_, bytes)| bytes.len()).sum())?;
        match arguments.iter().find(|(_, bytes)| bytes.len() > MAX_BYTES) {
            Some((name, _)) => Err(Error::invalid(name, format!("is at most {MAX_BYTES} bytes long"))),
            None => Ok(()),
        }
    }
}

impl Host for CryptoHost<'_> {
    fn digest(&mut self, hash: Hash, data: Vec<u8>) -> Result<Vec<u8>, Error> {
        self.admit(&[("data", &data)])?;
        Ok(digest::digest(hash_algorithm(&hash)?, &data).as_ref().into())
    }

    fn hmac(&mut self, hash: Hash, key: Vec<u8>, data: Vec<u8>) -> Result<Vec<u8>, Error> {
        self.admit(&[("key", &key), ("data", &data)])?;
        Ok(hmac::sign(&hmac_key(&hash, &key)?, &data).as_ref().into())
    }

    fn verify_hmac(&mut self, hash: Hash, key: Vec<u8>, data: Vec<u8>, hmac: Vec<u8>) -> Result<bool, Error> {
        self.admit(&[("key", &key), ("data", &data), ("hmac", &hmac)])?;
        Ok(hmac::verify(&hmac_key(&hash, &key)?, &data, &hmac).is_ok())
    }

    fn verify(&mut self, algorithm: Signature, key: Vec<u8>, data: Vec<u8>, signature: Vec<u8>) -> Result<bool, Error> {
        self.admit(&[("key", &key), ("data", &data), ("signature", &signature)])?;
        let key = UnparsedPublicKey::new(signature_algorithm(&algorithm)?, key);
        Ok(key.verify(&data, &signature).is_ok())
    }
}

fn hmac_key(hash: &Hash, key: &[u8]) -> Result<hmac::Key, Error> {
    let algorithm = match hash {
        Hash::Sha1 => hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY,
        Hash::Sha256 => hmac::HMAC_SHA256,
        Hash::Sha384 => hmac::HMAC_SHA384,
        Hash::Sha512 => hmac::HMAC_SHA512,
        Hash::Other(name) => return Err(unknown("hash", name)),
    };
    Ok(hmac::Key::new(algorithm, key))
}

fn hash_algorithm(hash: &Hash) -> Result<&'static Algorithm, Error> {
    match hash {
        Hash::Sha1 => Ok(&digest::SHA1_FOR_LEGACY_USE_ONLY),
        Hash::Sha256 => Ok(&digest::SHA256),
        Hash::Sha384 => Ok(&digest::SHA384),
        Hash::Sha512 => Ok(&digest::SHA512),
        Hash::Other(name) => Err(unknown("hash", name)),
    }
}

fn signature_algorithm(algorithm: &Signature) -> Result<&'static dyn VerificationAlgorithm, Error> {
    match algorithm {
        Signature::EcdsaP256Sha256 => Ok(&signatures::ECDSA_P256_SHA256_FIXED),
        Signature::EcdsaP384Sha384 => Ok(&signatures::ECDSA_P384_SHA384_FIXED),
        Signature::RsaPkcs1Sha256 => Ok(&signatures::RSA_PKCS1_2048_8192_SHA256),
        Signature::RsaPkcs1Sha384 => Ok(&signatures::RSA_PKCS1_2048_8192_SHA384),
        Signature::RsaPkcs1Sha512 => Ok(&signatures::RSA_PKCS1_2048_8192_SHA512),
        Signature::RsaPssSha256 => Ok(&signatures::RSA_PSS_2048_8192_SHA256),
        Signature::RsaPssSha384 => Ok(&signatures::RSA_PSS_2048_8192_SHA384),
        Signature::RsaPssSha512 => Ok(&signatures::RSA_PSS_2048_8192_SHA512),
        Signature::Ed25519 => Ok(&signatures::ED25519),
        Signature::Other(name) => Err(unknown("algorithm", name)),
    }
}

fn unknown(argument: &str, name: &str) -> Error {
    Error::invalid(argument, format!("this server does not have `{}`", name.escape_debug()))
}
