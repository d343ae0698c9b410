//! The target of an outgoing request, and the entries of `capabilities.http.allow`.

use std::fmt;
use std::net::IpAddr;

use hyper::Uri;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

/// The protocol of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::plugin) enum HttpScheme {
    Http,
    Https,
}

/// A host: an address, or a name in lower case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::plugin) enum Host {
    Address(IpAddr),
    Name(String),
}

/// The scheme, host and port that one request goes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::plugin) struct HttpTarget {
    pub(in crate::plugin) scheme: HttpScheme,
    pub(in crate::plugin) host: Host,
    pub(in crate::plugin) port: u16,
}

/// An entry of `capabilities.http.allow`: a host or, with `*.` before it, all names below it; with the port that its
/// scheme has if none is named; by `https` unless it starts with `http://`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Destination {
    scheme: HttpScheme,
    host: HostPattern,
    port: u16,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum HostPattern {
    Exact(Host),
    /// What follows the star, with its dot.
    Subdomains(String),
}

impl HttpScheme {
    fn port(self) -> u16 {
        match self {
            Self::Http => 80,
            Self::Https => 443,
        }
    }
}

impl Host {
    /// From the text in a URI: an IPv6 address has brackets there.
    fn parse(text: &str) -> Option<Self> {
        if let Some(address) = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')) {
            return Some(Self::Address(address.parse().ok().filter(IpAddr::is_ipv6)?));
        }
        if let Ok(address) = text.parse() {
            return Some(Self::Address(address));
        }
        // A dot at the end says that the name is fully qualified; all names here are.
        let name = text.strip_suffix('.').unwrap_or(text);
        let sound = |part: &str| {
            !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
        };
        name.split('.').all(sound).then(|| Self::Name(name.to_ascii_lowercase()))
    }
}

impl HttpTarget {
    /// The target of a request's URI; `None` when that has no host or another scheme, or a name or a password in it.
    pub(in crate::plugin) fn of(uri: &Uri) -> Option<Self> {
        let scheme = match uri.scheme_str()? {
            "http" => HttpScheme::Http,
            "https" => HttpScheme::Https,
            _ => return None,
        };
        let authority = uri.authority()?;
        if authority.as_str().contains('@') {
            return None;
        }
        let port = match authority.as_str().rsplit_once(':') {
            Some((_, text)) if !text.ends_with(']') => text.parse().ok()?,
            _ => scheme.port(),
        };
        Some(Self { scheme, host: Host::parse(authority.host())?, port })
    }

    /// As a URL without a path has it: without the port that the scheme has by itself.
    pub(in crate::plugin) fn origin(&self) -> String {
        let Self { scheme, host, port } = self;
        if *port == scheme.port() { format!("{scheme}://{host}") } else { self.to_string() }
    }
}

impl Destination {
    fn parse(text: &str) -> Result<Self, &'static str> {
        let (scheme, rest) = match text.split_once("://") {
            Some(("http", rest)) => (HttpScheme::Http, rest),
            Some(("https", rest)) => (HttpScheme::Https, rest),
            Some(_) => return Err("the scheme is http or https"),
            None => (HttpScheme::Https, text),
        };
        if rest.contains(['/', '?', '#', '@']) {
            return Err("it names a host, not an address within it");
        }
        let (host, port) = match rest.rsplit_once(':') {
            Some((host, port)) if !port.ends_with(']') => {
                (host, port.parse().map_err(|_| "the port is a number up to 65535")?)
            }
            _ => (rest, scheme.port()),
        };
        let wrong = "the host is a name, an address ([...] for IPv6), or a name with `*.` before it";
        let host = match host.strip_prefix("*.") {
            Some(parent) => match Host::parse(parent) {
                Some(Host::Name(name)) => HostPattern::Subdomains(format!(".{name}")),
                _ => return Err(wrong),
            },
            None => HostPattern::Exact(Host::parse(host).ok_or(wrong)?),
        };
        Ok(Self { scheme, host, port })
    }

    /// Whether this entry allows requests to the target.
    pub(in crate::plugin) fn covers(&self, target: &HttpTarget) -> bool {
        let host = match (&self.host, &target.host) {
            (HostPattern::Exact(own), host) => own == host,
            (HostPattern::Subdomains(parent), Host::Name(name)) => name.len() > parent.len() && name.ends_with(parent),
            (HostPattern::Subdomains(_), Host::Address(_)) => false,
        };
        host && self.scheme == target.scheme && self.port == target.port
    }
}

impl fmt::Display for HttpScheme {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Http => "http",
            Self::Https => "https",
        })
    }
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Address(IpAddr::V6(address)) => write!(f, "[{address}]"),
            Self::Address(address) => address.fmt(f),
            Self::Name(name) => f.write_str(name),
        }
    }
}

/// In the form of an entry.
impl fmt::Display for HttpTarget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}:{}", self.scheme, self.host, self.port)
    }
}

impl fmt::Display for Destination {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.host {
            HostPattern::Exact(host) => write!(f, "{}://{host}:{}", self.scheme, self.port),
            HostPattern::Subdomains(parent) => write!(f, "{}://*{parent}:{}", self.scheme, self.port),
        }
    }
}

impl Serialize for Destination {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Destination {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        Self::parse(&text).map_err(|why| {
            let example = "\"example.org\", \"*.example.org:8443\" or \"http://10.0.0.1:8000\"";
            D::Error::custom(format!("\"{text}\" is no destination such as {example}: {why}"))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn covers(entry: &str, uri: &str) -> bool {
        let entry = Destination::parse(entry).unwrap_or_else(|why| panic!("{entry}: {why}"));
        HttpTarget::of(&uri.parse().expect("a URI")).is_some_and(|target| entry.covers(&target))
    }

    #[test]
    fn an_entry_is_a_scheme_a_host_and_a_port() {
        assert!(covers("example.org", "https://example.org/any?path"));
        assert!(covers("Example.ORG", "https://eXample.org.:443/"), "names have no capitals, and may end with a dot");
        assert!(covers("example.org:8443", "https://example.org:8443/"));
        assert!(covers("http://example.org", "http://example.org/"));
        for other in [
            "http://example.org/",
            "https://example.org:8443/",
            "https://example.com/",
            "https://www.example.org/",
            "https://example.org.evil.com/",
            "https://evilexample.org/",
        ] {
            assert!(!covers("example.org", other), "{other}");
        }
    }

    #[test]
    fn a_star_covers_subdomains() {
        assert!(
            covers("*.example.org", "https://a.example.org/") && covers("*.example.org", "https://a.b.example.org/")
        );
        for other in ["https://example.org/", "https://evilexample.org/", "https://a.example.org.evil.com/"] {
            assert!(!covers("*.example.org", other), "{other}");
        }
    }

    #[test]
    fn addresses_are_compared_as_such() {
        assert!(covers("http://127.0.0.1:80", "http://127.0.0.1/"));
        assert!(covers("[::1]:8443", "https://[0:0::1]:8443/"));
        assert!(!covers("127.0.0.1", "https://127.1/"), "that is a name, whatever a resolver makes of it");
    }

    #[test]
    fn uris_without_a_target_have_none() {
        for uri in ["https://user:secret@example.org/", "ftp://example.org/", "https://exa%6dple.org/", "/path"] {
            assert_eq!(uri.parse().ok().and_then(|uri| HttpTarget::of(&uri)), None, "{uri}");
        }
    }

    #[test]
    fn wrong_entries_are_refused() {
        for entry in ["", "*", "*.", "a.*.org", "ftp://a", "https://a/b", "a:99999", "*.127.0.0.1", "::1", "a b"] {
            assert!(Destination::parse(entry).is_err(), "{entry}");
        }
    }
}
