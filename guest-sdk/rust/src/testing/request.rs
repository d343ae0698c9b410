//! Building requests, in tests only: a component gets its requests from the host.

use crate::Request;

impl Request {
    /// A GET of this path, with or without a query. Native targets only.
    pub fn get(target: &str) -> Self {
        Self::with_method("GET", target)
    }

    /// A POST to this path, with or without a query. Native targets only.
    pub fn post(target: &str) -> Self {
        Self::with_method("POST", target)
    }

    /// Add a header. Native targets only.
    #[must_use]
    pub fn with_header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_ascii_lowercase(), value.into()));
        self
    }

    /// Set the id of the last event that a reconnecting client has seen. Native targets only.
    #[must_use]
    pub fn with_last_event_id(mut self, id: &str) -> Self {
        self.last_event_id = Some(id.into());
        self.with_header("last-event-id", id)
    }

    fn with_method(method: &str, target: &str) -> Self {
        let (path, query) = match target.split_once('?') {
            Some((path, query)) => (path, Some(query.into())),
            None => (target, None),
        };
        Self {
            method: method.into(),
            path: path.into(),
            query,
            headers: Vec::new(),
            peer: "127.0.0.1:51234".into(),
            last_event_id: None,
        }
    }
}

/// A GET of this path, for [`FakeHub::connect`](super::FakeHub::connect).
impl From<&str> for Request {
    fn from(target: &str) -> Self {
        Self::get(target)
    }
}
