//! Which pages a request may come from. A browser sends some requests for any page, with the visitor's cookies, and without
//! asking first: a form, an image, a POST of plain text. That the page cannot read the answer does not undo what a plugin has
//! done, so such a request is refused before any plugin sees it.

use hyper::header::{self, HeaderMap, HeaderName};
use hyper::http::request::Parts;

use super::cors::{self, Cors};
use crate::origin::Origin;

/// The relation between the page and the address that it asks (W3C Fetch Metadata). No page can set this header.
pub(super) const FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// What a browser says about the page that a request is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FetchSite {
    /// The server's own page; also behind a proxy that changes the Host header, which the browser does not see.
    Own,
    /// Another page, as it says, or as the Origin header makes likely.
    Other,
    /// It is no browser that asks, or one that says nothing.
    Unknown,
}

impl FetchSite {
    pub(super) fn of(headers: &HeaderMap) -> Self {
        match headers.get(FETCH_SITE).map(|site| site.as_bytes()) {
            // `none`: no page, but the user, in the address bar.
            Some(b"same-origin" | b"none") => Self::Own,
            None if !headers.contains_key(header::ORIGIN) => Self::Unknown,
            _ => Self::Other,
        }
    }
}

/// Whether a request comes from a page that may make it, or from no page. `own` are names of this server that its Host
/// header may not tell.
pub(super) fn may_come_in(parts: &Parts, own: &[Origin], cors: &Cors) -> bool {
    if FetchSite::of(&parts.headers) != FetchSite::Other {
        return true;
    }
    let origin = parts.headers.get(header::ORIGIN).and_then(cors::parse);
    let is_own = |origin: &Origin| own.contains(origin) || host(parts).is_some_and(|host| origin.is_host(host));
    origin.as_ref().is_some_and(is_own) || cors.allows(origin.as_ref())
}

/// The host that was asked; HTTP/2 names it in place of the header.
fn host(parts: &Parts) -> Option<&str> {
    let authority = parts.uri.authority().map(|authority| authority.as_str());
    authority.or_else(|| parts.headers.get(header::HOST)?.to_str().ok())
}

#[cfg(test)]
mod tests {
    use super::super::cors::Credentials;
    use super::*;

    /// Whether a request with these headers comes in, with its own name `https://public.example`, and pages of
    /// `https://friend.example` allowed.
    fn comes_in(headers: &[(&'static str, &'static str)]) -> bool {
        let (mut parts, ()) = hyper::Request::new(()).into_parts();
        for (name, value) in headers {
            parts.headers.insert(*name, value.parse().expect("a value"));
        }
        let own = ["https://public.example".parse().expect("an origin")];
        let cors = Cors::new(&["https://friend.example".into()], Credentials::Omit).expect("valid");
        may_come_in(&parts, &own, &cors)
    }

    #[test]
    fn programs_and_own_pages_come_in() {
        for headers in [
            &[][..],
            &[("host", "inner:8080")],
            &[("sec-fetch-site", "same-origin"), ("origin", "https://other.example"), ("host", "inner:8080")],
            &[("sec-fetch-site", "none")],
            &[("origin", "http://inner:8080"), ("host", "inner:8080")],
            &[("origin", "https://inner"), ("host", "inner:443")],
            &[("origin", "https://public.example"), ("host", "inner:8080")],
            &[("origin", "https://friend.example"), ("host", "inner:8080"), ("sec-fetch-site", "cross-site")],
        ] {
            assert!(comes_in(headers), "{headers:?}");
        }
    }

    #[test]
    fn pages_of_others_do_not() {
        for headers in [
            &[("origin", "https://evil.example"), ("host", "inner:8080")][..],
            &[("origin", "null"), ("host", "inner:8080")],
            &[("origin", "http://inner:8081"), ("host", "inner:8080")],
            &[("sec-fetch-site", "cross-site"), ("host", "inner:8080")],
            &[("sec-fetch-site", "same-site"), ("host", "inner:8080")],
            &[("sec-fetch-site", "something new"), ("host", "inner:8080")],
            &[("origin", "not an origin")],
        ] {
            assert!(!comes_in(headers), "{headers:?}");
        }
    }

    #[test]
    fn a_star_lets_every_page_in() {
        let (mut parts, ()) = hyper::Request::new(()).into_parts();
        parts.headers.insert(FETCH_SITE, "cross-site".parse().expect("a value"));
        let any = Cors::new(&["*".into()], Credentials::Omit).expect("valid");
        assert!(may_come_in(&parts, &[], &any));
    }
}
