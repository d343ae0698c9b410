//! What upstreams are asked.

use hyper::Method;

/// A request of a plugin that an upstream has received.
#[derive(Debug, Clone)]
pub(super) struct UpstreamRequest {
    pub(super) method: Method,
    pub(super) url: String,
    /// Names in lower case.
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: String,
}
