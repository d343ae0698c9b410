//! The URL of a stream.

use std::fmt;

use hyper::Uri;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use crate::cli::error::UsageError;

/// The URL of a stream, in parts.
pub(super) struct StreamAddress {
    /// `http` or `https`.
    scheme: &'static str,
    /// Host, and port if it is not the scheme's own.
    pub(super) authority: String,
    /// Path and query.
    path: String,
}

impl StreamAddress {
    /// From what was typed, with these rooms in the query.
    pub(super) fn new(text: &str, rooms: &[String]) -> Result<Self, UsageError> {
        let with_scheme = if text.contains("://") { text.to_owned() } else { format!("http://{text}") };
        let wrong = |why: &str| {
            UsageError(format!("\"{text}\" is not the URL of a stream, such as http://127.0.0.1:8080/sse: {why}"))
        };
        let uri: Uri = with_scheme.parse().map_err(|why: hyper::http::uri::InvalidUri| wrong(&why.to_string()))?;
        let scheme = match uri.scheme_str() {
            Some("http") => "http",
            Some("https") => "https",
            _ => return Err(wrong("the scheme is http or https")),
        };
        let authority = uri.authority().ok_or_else(|| wrong("it has no host"))?;
        let authority = authority.to_string();
        let path = if uri.path() == "/" && !text.ends_with('/') { "/sse" } else { uri.path() };
        let mut query: Vec<String> = uri.query().map(str::to_owned).into_iter().collect();
        query.extend(rooms.iter().map(|room| format!("room={}", utf8_percent_encode(room, NON_ALPHANUMERIC))));
        let path = if query.is_empty() { path.to_owned() } else { format!("{path}?{}", query.join("&")) };
        Ok(Self { scheme, authority, path })
    }
}

impl fmt::Display for StreamAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}{}", self.scheme, self.authority, self.path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scheme_and_path_have_defaults() {
        for (typed, rooms, meant) in [
            ("127.0.0.1:8080", &[][..], "http://127.0.0.1:8080/sse"),
            ("localhost:1/", &[], "http://localhost:1/"),
            ("http://example.org/events?a=b", &["tea room"], "http://example.org/events?a=b&room=tea%20room"),
            ("https://example.org", &[], "https://example.org/sse"),
            ("[::1]:8080/sse", &["a", "b"], "http://[::1]:8080/sse?room=a&room=b"),
        ] {
            let rooms: Vec<_> = rooms.iter().map(|room| (*room).to_owned()).collect();
            assert_eq!(
                StreamAddress::new(typed, &rooms).map(|address| address.to_string()),
                Ok(meant.to_owned()),
                "{typed}"
            );
        }
        for typed in ["ftp://x/", "http://", ""] {
            assert!(StreamAddress::new(typed, &[]).is_err_and(|why| why.to_string().contains("such as")), "{typed}");
        }
    }
}
