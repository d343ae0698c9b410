//! Commands about hashes and signatures: `digest`, `hmac`, `verify-hmac` and `verify`, with `hash` or `algorithm` by the
//! names of the contract (any other name is `other`), and `key`, `data`, `hmac` and `signature` in base64. `zeros` in place
//! of `data` is how many bytes 0 it has.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use crate::as_json;
use crate::bindings::roomcast::plugin::crypto::{self, Hash, Signature};
use crate::command::Arguments;

/// Run a command if it is one of these.
///
/// # Errors
/// When an argument is missing.
pub(crate) fn run(op: &str, arguments: &Arguments<'_>) -> Result<Option<Value>, String> {
    let bytes = |name| as_json::bytes(arguments.text(name)?);
    let data = || match arguments.number("zeros") {
        Ok(count) => Ok(vec![0; count]),
        Err(_) => bytes("data"),
    };
    let in_base64 = |bytes: Vec<u8>| STANDARD.encode(bytes);
    Ok(Some(match op {
        "digest" => as_json::result(crypto::digest(&hash(arguments.text("hash")?), &data()?).map(in_base64)),
        "hmac" => {
            let made = crypto::hmac(&hash(arguments.text("hash")?), &bytes("key")?, &data()?);
            as_json::result(made.map(in_base64))
        }
        "verify-hmac" => {
            let hash = hash(arguments.text("hash")?);
            as_json::result(crypto::verify_hmac(&hash, &bytes("key")?, &data()?, &bytes("hmac")?))
        }
        "verify" => {
            let algorithm = signature(arguments.text("algorithm")?);
            as_json::result(crypto::verify(&algorithm, &bytes("key")?, &data()?, &bytes("signature")?))
        }
        _ => return Ok(None),
    }))
}

fn hash(name: &str) -> Hash {
    match name {
        "sha1" => Hash::Sha1,
        "sha256" => Hash::Sha256,
        "sha384" => Hash::Sha384,
        "sha512" => Hash::Sha512,
        other => Hash::Other(other.into()),
    }
}

fn signature(name: &str) -> Signature {
    match name {
        "ecdsa-p256-sha256" => Signature::EcdsaP256Sha256,
        "ecdsa-p384-sha384" => Signature::EcdsaP384Sha384,
        "rsa-pkcs1-sha256" => Signature::RsaPkcs1Sha256,
        "rsa-pkcs1-sha384" => Signature::RsaPkcs1Sha384,
        "rsa-pkcs1-sha512" => Signature::RsaPkcs1Sha512,
        "rsa-pss-sha256" => Signature::RsaPssSha256,
        "rsa-pss-sha384" => Signature::RsaPssSha384,
        "rsa-pss-sha512" => Signature::RsaPssSha512,
        "ed25519" => Signature::Ed25519,
        other => Signature::Other(other.into()),
    }
}
