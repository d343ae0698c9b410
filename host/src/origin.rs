//! Origins, as browsers name them (RFC 6454, 6.2): who a page is, and which pages are meant. A leaf.

use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use thiserror::Error;

/// A scheme, a host and a port, in the one spelling that browsers send: `https://example.org`, `http://[::1]:8080`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    scheme: Scheme,
    /// In lower case; an IPv6 address in its brackets.
    host: String,
    port: u16,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Scheme {
    Http,
    Https,
}

/// A text that names no origin.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("\"{text}\" is not an origin such as \"https://example.org\": {reason}")]
pub struct InvalidOrigin {
    text: String,
    reason: &'static str,
}

impl Scheme {
    fn default_port(self) -> u16 {
        match self {
            Self::Http => 80,
            Self::Https => 443,
        }
    }

    fn prefix(self) -> &'static str {
        match self {
            Self::Http => "http://",
            Self::Https => "https://",
        }
    }
}

impl Origin {
    /// Whether a request whose `Host` header is this one was sent to this origin. The scheme is the origin's: a proxy in
    /// front may speak TLS, of which the server knows nothing.
    pub fn is_host(&self, host: &str) -> bool {
        split_port(host).is_ok_and(|(name, port)| {
            port.unwrap_or(self.scheme.default_port()) == self.port && name.eq_ignore_ascii_case(&self.host)
        })
    }
}

impl FromStr for Origin {
    type Err = InvalidOrigin;

    fn from_str(text: &str) -> Result<Self, InvalidOrigin> {
        let why = |reason| InvalidOrigin { text: text.into(), reason };
        let (scheme, authority) = split_scheme(text).ok_or(why("it begins with http:// or https://"))?;
        let (host, port) = split_port(authority).map_err(why)?;
        let host = host.to_ascii_lowercase();
        if let Some(address) = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            let address: Ipv6Addr = address.parse().map_err(|_| why("what is in brackets is no IPv6 address"))?;
            return Ok(Self { scheme, host: format!("[{address}]"), port: port.unwrap_or(scheme.default_port()) });
        }
        check_name(&host).map_err(why)?;
        Ok(Self { scheme, host, port: port.unwrap_or(scheme.default_port()) })
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.scheme.prefix())?;
        f.write_str(&self.host)?;
        if self.port == self.scheme.default_port() { Ok(()) } else { write!(f, ":{}", self.port) }
    }
}

/// One origin, or all whose host is a subdomain of one: `https://*.example.org`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OriginPattern {
    /// This one.
    One(Origin),
    /// Each with the same scheme and port whose host is one label or more, a dot, and this origin's host. Not the host
    /// itself.
    Subdomains(Origin),
}

impl OriginPattern {
    /// Whether an origin is meant.
    pub fn covers(&self, origin: &Origin) -> bool {
        match self {
            Self::One(one) => one == origin,
            Self::Subdomains(parent) => {
                let below = origin.host.strip_suffix(&parent.host).and_then(|rest| rest.strip_suffix('.'));
                parent.scheme == origin.scheme && parent.port == origin.port && below.is_some()
            }
        }
    }
}

impl FromStr for OriginPattern {
    type Err = InvalidOrigin;

    fn from_str(text: &str) -> Result<Self, InvalidOrigin> {
        let why = |reason| InvalidOrigin { text: text.into(), reason };
        let Some((scheme, rest)) = text.split_once("://*.") else {
            return match text.contains('*') {
                true => {
                    Err(why("a star stands for whole labels in front of a domain, as in \"https://*.example.org\""))
                }
                false => text.parse().map(Self::One),
            };
        };
        let parent: Origin = format!("{scheme}://{rest}").parse().map_err(|error: InvalidOrigin| why(error.reason))?;
        if parent.host.starts_with('[') || parent.host.parse::<Ipv4Addr>().is_ok() {
            return Err(why("an address has no subdomains"));
        }
        Ok(Self::Subdomains(parent))
    }
}

/// Origins in the configuration: a text, or a list of texts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Origins(pub Vec<Origin>);

impl Serialize for Origins {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_seq(self.0.iter().map(Origin::to_string))
    }
}

impl<'de> Deserialize<'de> for Origins {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged, expecting = "an origin such as \"https://example.org\", or a list of them")]
        enum Given {
            One(String),
            Several(Vec<String>),
        }
        let texts = match Given::deserialize(from)? {
            Given::One(text) => vec![text],
            Given::Several(texts) => texts,
        };
        let origins: Result<_, _> = texts.iter().map(|text| text.parse()).collect();
        origins.map(Self).map_err(serde::de::Error::custom)
    }
}

fn split_scheme(text: &str) -> Option<(Scheme, &str)> {
    [Scheme::Http, Scheme::Https].into_iter().find_map(|scheme| {
        let (prefix, rest) = text.split_at_checked(scheme.prefix().len())?;
        prefix.eq_ignore_ascii_case(scheme.prefix()).then_some((scheme, rest))
    })
}

/// `example.org:8080`, `[::1]`: the host, and the port if there is one.
fn split_port(authority: &str) -> Result<(&str, Option<u16>), &'static str> {
    let after_address = authority.rfind(']').map_or(0, |end| end + 1);
    match authority[after_address..].find(':') {
        None => Ok((authority, None)),
        Some(colon) => {
            let (host, port) = authority.split_at(after_address + colon);
            let digits = port[1..].bytes().all(|byte| byte.is_ascii_digit());
            match port[1..].parse() {
                Ok(port) if digits => Ok((host, Some(port))),
                _ => Err("what follows the colon is no port (and an IPv6 address stands in brackets)"),
            }
        }
    }
}

fn check_name(host: &str) -> Result<(), &'static str> {
    if !host.is_ascii() {
        return Err("a host with other than ASCII letters is written as browsers send it, beginning with xn--");
    }
    if host.contains('/') {
        return Err("it has no path, and no slash at the end");
    }
    let sound = |label: &str| {
        !label.is_empty() && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
    };
    if host.split('.').all(sound) { Ok(()) } else { Err("its host is no name, and no address") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn origin(text: &str) -> Origin {
        text.parse().unwrap_or_else(|why| panic!("{why}"))
    }

    #[test]
    fn an_origin_has_one_spelling() {
        for (text, spelling) in [
            ("https://example.org", "https://example.org"),
            ("HTTPS://Example.ORG:443", "https://example.org"),
            ("http://example.org:80", "http://example.org"),
            ("http://example.org:443", "http://example.org:443"),
            ("http://[0:0::1]:8080", "http://[::1]:8080"),
            ("http://127.0.0.1:1", "http://127.0.0.1:1"),
            ("https://xn--bcher-kva.example", "https://xn--bcher-kva.example"),
        ] {
            assert_eq!(origin(text).to_string(), spelling);
        }
    }

    #[test]
    fn what_is_no_origin_is_refused_with_a_reason() {
        for (text, reason) in [
            ("", "http://"),
            ("null", "http://"),
            ("example.org", "http://"),
            ("ftp://example.org", "http://"),
            ("https://", "no name"),
            ("https://example.org/", "slash"),
            ("https://a@example.org", "no name"),
            ("https://example.org:", "port"),
            ("https://example.org:+1", "port"),
            ("https://example.org:99999", "port"),
            ("http://::1", "brackets"),
            ("http://[::g]", "IPv6"),
            ("https://bücher.example", "xn--"),
            ("https://a..b", "no name"),
        ] {
            let why = text.parse::<Origin>().expect_err(text).to_string();
            assert!(why.contains(reason), "{why}");
        }
    }

    #[test]
    fn a_host_is_compared_with_its_port() {
        for (origin_text, host, same) in [
            ("https://example.org", "example.org", true),
            ("https://example.org", "Example.org:443", true),
            ("https://example.org", "example.org:80", false),
            ("http://example.org", "example.org:80", true),
            ("http://[::1]:8080", "[::1]:8080", true),
            ("http://[::1]:8080", "[::1]", false),
            ("https://example.org", "example.org.evil", false),
            ("https://example.org", "", false),
        ] {
            assert_eq!(origin(origin_text).is_host(host), same, "{origin_text} {host}");
        }
    }

    #[test]
    fn a_star_is_whole_labels_in_front_of_a_domain() {
        let pattern: OriginPattern = "https://*.Example.org".parse().expect("a pattern");
        for (text, covered) in [
            ("https://shop.example.org", true),
            ("https://a.b.example.org", true),
            ("https://example.org", false),
            ("https://evilexample.org", false),
            ("https://shop.example.org:8443", false),
            ("http://shop.example.org", false),
            ("https://shop.example.org.evil", false),
        ] {
            assert_eq!(pattern.covers(&origin(text)), covered, "{text}");
        }
        let with_port: OriginPattern = "http://*.localhost:3000".parse().expect("a pattern");
        assert!(with_port.covers(&origin("http://a.localhost:3000")));
        for bad in [
            "https://*",
            "https://a*.example.org",
            "https://a.*.org",
            "*.example.org",
            "https://*.*.org",
            "http://*.1.2.3.4",
            "http://*.[::1]",
        ] {
            assert!(bad.parse::<OriginPattern>().is_err(), "{bad}");
        }
    }

    #[test]
    fn origins_are_a_text_or_a_list() {
        #[derive(Debug, Deserialize)]
        struct Table {
            origin: Origins,
        }
        let read = |text: &str| toml::from_str::<Table>(text).map(|table| table.origin.0.len());
        assert_eq!(read("origin = 'https://a.example'").ok(), Some(1));
        assert_eq!(read("origin = ['https://a.example', 'http://b.example:1']").ok(), Some(2));
        assert!(read("origin = 'a.example'").expect_err("no origin").to_string().contains("https://example.org"));
        assert!(read("origin = 7").expect_err("no text").to_string().contains("list"));
    }
}
