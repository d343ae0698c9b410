//! The client for HTTP of the verbs that talk to a server: in plain text, or by TLS with the certificates that the
//! machine trusts.

use std::error::Error;
use std::sync::Arc;

use anyhow::{Context, Result};
use bytes::Bytes;
use http_body_util::Full;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use rustls::crypto::ring;
use rustls::{ClientConfig, RootCertStore};
use tokio::runtime::Builder;

/// A client; each verb makes one.
pub(super) fn client() -> legacy::Client<HttpsConnector<HttpConnector>, Full<Bytes>> {
    let mut roots = RootCertStore::empty();
    // Without certificates every TLS server is refused, by name; plain text needs none.
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    let tls = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("invariant: the provider has the default versions of TLS")
        .with_root_certificates(roots)
        .with_no_client_auth();
    let connector = HttpsConnectorBuilder::new().with_tls_config(tls).https_or_http().enable_http1().build();
    legacy::Client::builder(TokioExecutor::new()).build(connector)
}

/// Why a request failed, without the words of the library around it.
pub(super) fn cause(error: &legacy::Error) -> String {
    let mut cause: &dyn Error = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    cause.to_string()
}

/// Run one verb to its end, on this thread.
///
/// # Errors
/// Its own, and when there is no runtime.
pub(super) fn block_on<T>(verb: impl Future<Output = Result<T>>) -> Result<T> {
    let runtime = Builder::new_current_thread().enable_all().build();
    runtime.context("starting the runtime")?.block_on(verb)
}
