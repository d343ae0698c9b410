//! The head of a request, as a test makes it: a component gets its requests from the host.

/// The head of a client's request. In a component it is lent for the time of one call, and what is not asked for costs
/// nothing; here a test makes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    method: String,
    path: String,
    query: Option<String>,
    headers: Vec<(String, String)>,
    peer: String,
    last_event_id: Option<String>,
}

impl Request {
    /// The method, for example `GET`.
    pub fn method(&self) -> String {
        self.method.clone()
    }

    /// The path without the query, for example `/sse`.
    pub fn path(&self) -> String {
        self.path.clone()
    }

    /// What follows the `?`, as it was sent (percent-encoded).
    pub fn query(&self) -> Option<String> {
        self.query.clone()
    }

    /// The value of the first header with this name, in whatever case the name is written.
    pub fn header(&self, name: &str) -> Option<String> {
        self.headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.clone())
    }

    /// All headers in the order in which they came, names in lower case.
    pub fn headers(&self) -> Vec<(String, String)> {
        self.headers.clone()
    }

    /// The address of the peer, for example `127.0.0.1:51234`.
    pub fn peer(&self) -> String {
        self.peer.clone()
    }

    /// The id of the last event that a reconnecting client has seen.
    pub fn last_event_id(&self) -> Option<String> {
        self.last_event_id.clone()
    }

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

/// A GET of this path, for [`FakeHub::connect`](crate::testing::FakeHub::connect).
impl From<&str> for Request {
    fn from(target: &str) -> Self {
        Self::get(target)
    }
}
