//! What plugins reach by HTTP in a simulation: in place of the network, a peer that the scenario describes.

use hyper::{Method, Uri};
use strum::{EnumString, IntoStaticStr, VariantNames};
use tokio::io::DuplexStream;

use crate::plugin::config::destination::HttpTarget;

/// Takes the place of the network.
pub(crate) trait Network: Send + Sync {
    /// Connect, for one request that is granted. Whoever has the stream's other end answers it, by HTTP/1.1 and without TLS.
    ///
    /// # Errors
    /// How connecting fails.
    fn connect(&self, request: &SimulatedRequest) -> Result<DuplexStream, Unreachable>;
}

/// A request before it is sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SimulatedRequest {
    pub(crate) method: Method,
    /// In the form of [`canonical_url`].
    pub(crate) url: String,
}

/// Why no connection is made. Each has the name that `wasi:http` has for it, in lower case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, EnumString, IntoStaticStr, VariantNames)]
#[strum(serialize_all = "kebab-case")]
pub(crate) enum Unreachable {
    ConnectionRefused,
    /// Nothing answers, until the time for connecting is over.
    ConnectionTimeout,
    /// The name has no address.
    DnsError,
    /// The peer's certificate is not trusted.
    TlsCertificateError,
}

impl SimulatedRequest {
    pub(in crate::plugin) fn new(method: &Method, target: &HttpTarget, uri: &Uri) -> Self {
        Self { method: method.clone(), url: url(target, uri) }
    }
}

/// A URL in the form in which a [`SimulatedRequest`] has it: the host in lower case, no port that the scheme has by itself,
/// and at least `/` as its path. `None` when it has no host, or a scheme other than http and https.
pub(crate) fn canonical_url(text: &str) -> Option<String> {
    let uri: Uri = text.parse().ok()?;
    HttpTarget::of(&uri).map(|target| url(&target, &uri))
}

fn url(target: &HttpTarget, uri: &Uri) -> String {
    let path = uri.path_and_query().map_or("/", |path| path.as_str());
    let slash = if path.starts_with('/') { "" } else { "/" };
    format!("{}{slash}{path}", target.origin())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_have_one_form() {
        for (text, url) in [
            ("http://127.0.0.1:9000/metrics?a=b", "http://127.0.0.1:9000/metrics?a=b"),
            ("https://API.example:443", "https://api.example/"),
            ("http://example.org:443?x", "http://example.org:443/?x"),
            ("http://[::1]:80/x#y", "http://[::1]/x"),
        ] {
            assert_eq!(canonical_url(text).as_deref(), Some(url), "{text}");
        }
        for text in ["", "/path", "ftp://example.org/", "http://name@example.org/"] {
            assert_eq!(canonical_url(text), None, "{text}");
        }
    }
}
