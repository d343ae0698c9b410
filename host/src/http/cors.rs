//! Pages of other origins (WHATWG Fetch, 3.2): which may read the answers, and what they may send.

use hyper::header::{self, HeaderMap, HeaderName, HeaderValue};

use crate::origin::{Origin, OriginPattern};

/// Headers of an answer that a page may read, beyond the CORS-safelisted ones: its connection's id, which it needs to send
/// messages, and when to come back.
const EXPOSED_HEADERS: &str = "Roomcast-Connection, Roomcast-Resume, Retry-After";
/// How long a browser may remember the answer, in seconds.
const MAX_AGE: &str = "7200";

/// Who may use the server from a page of another origin, and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Cors {
    allowed: Allowed,
    /// What a page may send, as the header says it.
    headers: HeaderValue,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Allowed {
    /// No page of another origin.
    Off,
    /// Pages of every origin, without credentials.
    All,
    /// The listed origins.
    Listed { origins: Vec<OriginPattern>, credentials: Credentials },
}

/// Whether a page's requests carry cookies and the like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Credentials {
    Include,
    Omit,
}

impl Cors {
    /// From the configuration's list of origins: each is one, or a pattern such as `https://*.example.org`.
    pub(super) fn new(origins: &[String], credentials: Credentials) -> Result<Self, String> {
        let headers = HeaderValue::from_static("");
        if origins.is_empty() {
            return Ok(Self { allowed: Allowed::Off, headers });
        }
        if origins.iter().any(|origin| origin == "*") {
            return match (origins.len(), credentials) {
                (1, Credentials::Omit) => Ok(Self { allowed: Allowed::All, headers }),
                (1, Credentials::Include) => {
                    Err("\"*\" cannot go with credentials: list the origins that you trust".into())
                }
                _ => Err("\"*\" stands for every origin: remove the others, or remove it".into()),
            };
        }
        let origins: Result<_, _> = origins.iter().map(|origin| origin.parse()).collect();
        let origins = origins.map_err(|why: crate::origin::InvalidOrigin| why.to_string())?;
        Ok(Self { allowed: Allowed::Listed { origins, credentials }, headers })
    }

    /// Let pages send these headers.
    pub(super) fn with_headers(self, names: &[String]) -> Result<Self, String> {
        if let Some(bad) = names.iter().find(|name| *name == "*" || HeaderName::try_from(name.as_str()).is_err()) {
            return Err(format!("\"{bad}\" is not the name of a header, such as \"X-Request-Id\""));
        }
        let headers = HeaderValue::try_from(names.join(", ")).map_err(|why| why.to_string())?;
        Ok(Self { headers, ..self })
    }

    /// Whether pages of an origin may use the server; none is an origin that is not known.
    pub(super) fn allows(&self, origin: Option<&Origin>) -> bool {
        match &self.allowed {
            Allowed::Off => false,
            Allowed::All => true,
            Allowed::Listed { origins, .. } => {
                origin.is_some_and(|origin| origins.iter().any(|pattern| pattern.covers(origin)))
            }
        }
    }

    /// Add what belongs on every answer to `request`.
    pub(super) fn apply(&self, request: &HeaderMap, answer: &mut HeaderMap) {
        match &self.allowed {
            Allowed::Off => return,
            Allowed::All => set(answer, header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
            Allowed::Listed { credentials, .. } => {
                // Also when it does not match: a cache must not give one origin's answer to another.
                answer.append(header::VARY, HeaderValue::from_static("Origin"));
                let Some(origin) = request.get(header::ORIGIN) else { return };
                if !self.allows(parse(origin).as_ref()) {
                    return;
                }
                answer.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
                if *credentials == Credentials::Include {
                    set(answer, header::ACCESS_CONTROL_ALLOW_CREDENTIALS, "true");
                }
            }
        }
        set(answer, header::ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED_HEADERS);
    }

    /// Add what belongs on the answer to a preflight, if `request` is one and its origin may come in.
    pub(super) fn apply_preflight(&self, request: &HeaderMap, methods: &'static str, answer: &mut HeaderMap) {
        let asked = request.contains_key(header::ACCESS_CONTROL_REQUEST_METHOD);
        if asked && answer.contains_key(header::ACCESS_CONTROL_ALLOW_ORIGIN) {
            set(answer, header::ACCESS_CONTROL_ALLOW_METHODS, methods);
            answer.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, self.headers.clone());
            set(answer, header::ACCESS_CONTROL_MAX_AGE, MAX_AGE);
        }
    }
}

/// The origin that a header names, if it names one.
pub(super) fn parse(value: &HeaderValue) -> Option<Origin> {
    value.to_str().ok()?.parse().ok()
}

fn set(headers: &mut HeaderMap, name: HeaderName, value: &'static str) {
    headers.insert(name, HeaderValue::from_static(value));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cors(origins: &[&str], credentials: Credentials) -> Result<Cors, String> {
        let origins: Vec<_> = origins.iter().map(|origin| (*origin).to_owned()).collect();
        Cors::new(&origins, credentials)?.with_headers(&["X-Mine".into(), "Last-Event-ID".into()])
    }

    fn answer(cors: &Cors, origin: &'static str) -> HeaderMap {
        let (mut request, mut answer) = (HeaderMap::new(), HeaderMap::new());
        request.insert(header::ORIGIN, HeaderValue::from_static(origin));
        request.insert(header::ACCESS_CONTROL_REQUEST_METHOD, HeaderValue::from_static("GET"));
        cors.apply(&request, &mut answer);
        cors.apply_preflight(&request, "GET", &mut answer);
        answer
    }

    #[test]
    fn only_listed_origins_come_in() {
        let cors = cors(&["https://a.example", "https://*.shop.example"], Credentials::Include).expect("valid");
        for origin in ["https://a.example", "https://x.shop.example"] {
            let yes = answer(&cors, origin);
            assert_eq!(yes["access-control-allow-origin"], origin);
            assert_eq!(yes["access-control-allow-credentials"], "true");
            assert_eq!(yes["access-control-expose-headers"], "Roomcast-Connection, Roomcast-Resume, Retry-After");
            assert_eq!(yes["access-control-allow-headers"], "X-Mine, Last-Event-ID");
            assert_eq!(yes["access-control-max-age"], MAX_AGE);
        }
        for other in ["https://b.example", "https://a.example.evil", "http://a.example", "https://shop.example", "null"]
        {
            let no = answer(&cors, other);
            assert_eq!(no["vary"], "Origin");
            assert_eq!(no.len(), 1, "{other}: {no:?}");
        }
    }

    #[test]
    fn a_star_never_goes_with_credentials() {
        assert!(cors(&["*"], Credentials::Include).is_err());
        let any = cors(&["*"], Credentials::Omit).expect("valid");
        let yes = answer(&any, "https://b.example");
        assert_eq!(yes["access-control-allow-origin"], "*");
        assert!(yes.contains_key("access-control-expose-headers"));
        assert!(!yes.contains_key("access-control-allow-credentials"));
    }

    #[test]
    fn off_says_nothing_and_nonsense_is_refused() {
        assert!(answer(&cors(&[], Credentials::Omit).expect("off"), "https://a.example").is_empty());
        for bad in ["a.example", "https://a.example/", "https://", "ftp://a", "https://a*.example", "null"] {
            assert!(cors(&[bad], Credentials::Omit).is_err(), "{bad}");
        }
        let off = cors(&[], Credentials::Omit).expect("off");
        for bad in ["", "*", "a b", "ä"] {
            assert!(off.clone().with_headers(&[bad.into()]).is_err(), "{bad}");
        }
    }
}
