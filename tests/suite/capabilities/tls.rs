//! Outgoing requests by TLS.

use std::path::Path;
use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use serde_json::json;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;
use tokio_rustls::rustls::{ServerConfig, crypto};

use super::Probe;
use super::upstream::Upstream;

/// An upstream with a certificate for this name, and the certificate of the one who has signed it.
async fn upstream(name: &str, ca: &Path) -> Upstream {
    let mut params = CertificateParams::new(Vec::new()).expect("no names");
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let key = KeyPair::generate().expect("a key");
    std::fs::write(ca, params.self_signed(&key).expect("signed").pem()).expect("written");
    let issuer = Issuer::new(params, key);
    let key = KeyPair::generate().expect("a key");
    let params = CertificateParams::new(vec![name.into()]).expect("a name");
    let certificate = params.signed_by(&key, &issuer).expect("signed");
    let config = ServerConfig::builder_with_provider(Arc::new(crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], PrivateKeyDer::Pkcs8(key.serialize_der().into()))
        .expect("they belong together");
    Upstream::with_tls(TlsAcceptor::from(Arc::new(config))).await
}

/// Ask an upstream whose certificate has this name, by the name `localhost`.
async fn ask(name: &str, keys: impl FnOnce(&Path) -> String) -> Result<serde_json::Value, serde_json::Value> {
    let folder = tempfile::tempdir().expect("a folder");
    let ca = folder.path().join("ca.pem");
    let upstream = upstream(name, &ca).await;
    let port = upstream.address.port();
    let allow = format!("[plugins.capabilities.http]\nprivate = \"allow\"\nallow = [\"localhost:{port}\"]\n");
    let probe = Probe::granted(&format!("{allow}{}", keys(&ca))).await;
    probe.run(json!({"op": "fetch", "url": format!("https://localhost:{port}/hello")})).await
}

fn trusting(ca: &Path) -> String {
    format!("ca = '{}'", ca.display())
}

#[tokio::test]
async fn request_with_a_trusted_certificate_succeeds() {
    assert_eq!(ask("localhost", trusting).await.expect("an answer")["body"], "hello");
}

#[tokio::test]
async fn request_with_an_untrusted_certificate_fails() {
    let refused = json!({"kind": "http", "code": "TlsCertificateError"});
    assert_eq!(ask("localhost", |_| String::new()).await, Err(refused.clone()));
    assert_eq!(ask("other.test", trusting).await, Err(refused), "it is another's");
}
