//! Cross-origin requests (WHATWG Fetch, 3.2): off unless origins are listed.

use hyper::header::{self, HeaderMap, HeaderName, HeaderValue};

/// Headers that a page may send, beyond those that need no leave.
const ALLOWED_HEADERS: &str = "Last-Event-ID, Cache-Control, Authorization, Content-Type, Roomcast-Connection";
/// How long a browser may remember the answer, in seconds.
const MAX_AGE: &str = "7200";

/// Who may read our answers from a page of another origin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Cors {
    /// Nobody.
    Off,
    /// Everybody, without credentials.
    Any,
    /// The listed origins.
    Listed { origins: Vec<String>, credentials: Credentials },
}

/// Whether a page's requests carry cookies and the like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Credentials {
    Include,
    Omit,
}

impl Cors {
    /// From the configuration's list.
    pub(super) fn new(origins: &[String], credentials: Credentials) -> Result<Self, String> {
        if origins.is_empty() {
            return Ok(Self::Off);
        }
        if origins.iter().any(|origin| origin == "*") {
            return match (origins.len(), credentials) {
                (1, Credentials::Omit) => Ok(Self::Any),
                (1, Credentials::Include) => {
                    Err("\"*\" cannot go with credentials: list the origins that you trust".into())
                }
                _ => Err("\"*\" stands for every origin: remove the others, or remove it".into()),
            };
        }
        for origin in origins {
            let host = origin.strip_prefix("https://").or_else(|| origin.strip_prefix("http://"));
            if host.is_none_or(|host| host.is_empty() || host.contains('/')) || HeaderValue::from_str(origin).is_err() {
                return Err(format!(
                    "\"{origin}\" is not an origin such as \"https://example.org\" (no path, no slash at the end)"
                ));
            }
        }
        Ok(Self::Listed { origins: origins.to_vec(), credentials })
    }

    /// Add what belongs on every answer to `request`.
    pub(super) fn apply(&self, request: &HeaderMap, answer: &mut HeaderMap) {
        match self {
            Self::Off => {}
            Self::Any => set(answer, header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
            Self::Listed { origins, credentials } => {
                // Also when it does not match: a cache must not give one origin's answer to another.
                answer.append(header::VARY, HeaderValue::from_static("Origin"));
                let Some(origin) = request.get(header::ORIGIN) else { return };
                if origins.iter().any(|listed| listed.as_bytes() == origin.as_bytes()) {
                    answer.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
                    if *credentials == Credentials::Include {
                        set(answer, header::ACCESS_CONTROL_ALLOW_CREDENTIALS, "true");
                    }
                }
            }
        }
    }

    /// Add what belongs on the answer to a preflight, if `request` is one and its origin may come in.
    pub(super) fn apply_preflight(&self, request: &HeaderMap, methods: &'static str, answer: &mut HeaderMap) {
        let asked = request.contains_key(header::ACCESS_CONTROL_REQUEST_METHOD);
        if asked && answer.contains_key(header::ACCESS_CONTROL_ALLOW_ORIGIN) {
            set(answer, header::ACCESS_CONTROL_ALLOW_METHODS, methods);
            set(answer, header::ACCESS_CONTROL_ALLOW_HEADERS, ALLOWED_HEADERS);
            set(answer, header::ACCESS_CONTROL_MAX_AGE, MAX_AGE);
        }
    }
}

fn set(headers: &mut HeaderMap, name: HeaderName, value: &'static str) {
    headers.insert(name, HeaderValue::from_static(value));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listed(credentials: Credentials) -> Cors {
        Cors::new(&["https://a.example".into()], credentials).expect("valid")
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
        let cors = listed(Credentials::Include);
        let yes = answer(&cors, "https://a.example");
        assert_eq!(yes["access-control-allow-origin"], "https://a.example");
        assert_eq!(yes["access-control-allow-credentials"], "true");
        assert_eq!(yes["access-control-max-age"], MAX_AGE);
        for other in ["https://b.example", "https://a.example.evil", "http://a.example", "null"] {
            let no = answer(&cors, other);
            assert_eq!(no["vary"], "Origin");
            assert_eq!(no.len(), 1, "{other}: {no:?}");
        }
    }

    #[test]
    fn a_star_never_goes_with_credentials() {
        assert!(Cors::new(&["*".into()], Credentials::Include).is_err());
        let any = Cors::new(&["*".into()], Credentials::Omit).expect("valid");
        assert_eq!(answer(&any, "https://b.example")["access-control-allow-origin"], "*");
        assert!(!answer(&any, "https://b.example").contains_key("access-control-allow-credentials"));
    }

    #[test]
    fn off_says_nothing_and_nonsense_is_refused() {
        assert!(answer(&Cors::new(&[], Credentials::Omit).expect("off"), "https://a.example").is_empty());
        for bad in ["a.example", "https://a.example/", "https://", "ftp://a"] {
            assert!(Cors::new(&[bad.into()], Credentials::Omit).is_err(), "{bad}");
        }
    }
}
