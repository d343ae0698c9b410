//! Who may use the API.

use hyper::StatusCode;
use hyper::header;
use hyper::http::request::Parts;
use sha2::{Digest, Sha256};

use super::{ApiError, Config, Listen};
use crate::http::cross_site::FetchSite;

/// Checks each request.
pub(crate) enum Guard {
    /// Only callers on this machine reach the listener, but a browser on it may be led here by any page. So
    /// nothing that a browser sends for a page is let in.
    Local,
    /// Callers have to know the token; kept as its hash, so that comparing takes the same time whatever is sent.
    Token([u8; 32]),
}

impl Guard {
    /// From the configuration.
    ///
    /// # Errors
    /// When others than this machine could reach an API that asks for no token.
    pub(crate) fn new(config: &Config) -> Result<Self, String> {
        if !config.token.is_empty() {
            return Ok(Self::Token(hash(config.token.as_bytes())));
        }
        match config.listen {
            Listen::At(address) if !address.is_local() => Err(format!(
                "`api.listen` = \"{address}\" can be reached by other machines, and `api.token` is not set: set a token \
                 (ROOMCAST_API_TOKEN), or listen on 127.0.0.1"
            )),
            _ => Ok(Self::Local),
        }
    }

    pub(super) fn check(&self, parts: &Parts) -> Result<(), ApiError> {
        let headers = &parts.headers;
        match self {
            Self::Token(token) => {
                let sent = headers.get(header::AUTHORIZATION).and_then(|value| bearer(value.as_bytes()));
                if sent.is_some_and(|sent| hash(sent) == *token) {
                    return Ok(());
                }
                let mut error = ApiError::new(
                    StatusCode::UNAUTHORIZED,
                    "send `Authorization: Bearer` with the value of `api.token`",
                );
                error.headers.push((header::WWW_AUTHENTICATE.to_string(), "Bearer".into()));
                Err(error)
            }
            // A browser leaves `Origin` out where a page only embeds an address, as an image or a script.
            Self::Local if headers.contains_key(header::ORIGIN) || FetchSite::of(headers) == FetchSite::Other => {
                Err(ApiError::new(
                    StatusCode::FORBIDDEN,
                    "pages may not use the API: set `api.token`, or ask from a back end",
                ))
            }
            // A page can have a name of its own point at this machine; its requests then carry that name.
            Self::Local if !is_local(parts) => Err(ApiError::new(
                StatusCode::FORBIDDEN,
                "without `api.token` the Host header has to be an address or localhost",
            )),
            Self::Local => Ok(()),
        }
    }
}

/// What follows the scheme, whose name may be in any case (RFC 9110, 11.1).
fn bearer(value: &[u8]) -> Option<&[u8]> {
    let (scheme, token) = value.split_at_checked(b"Bearer".len())?;
    let token = token.strip_prefix(b" ").filter(|_| scheme.eq_ignore_ascii_case(b"Bearer"))?;
    Some(token.trim_ascii_start())
}

fn hash(token: &[u8]) -> [u8; 32] {
    Sha256::digest(token).into()
}

/// Whether the request names this machine; a request that names none comes from no page.
fn is_local(parts: &Parts) -> bool {
    let authority = parts.uri.authority().map(|authority| authority.as_str().as_bytes());
    let Some(host) = authority.or_else(|| parts.headers.get(header::HOST).map(|host| host.as_bytes())) else {
        return true;
    };
    let Ok(host) = std::str::from_utf8(host) else { return false };
    let name = match host.strip_prefix('[') {
        Some(v6) => v6.split(']').next().unwrap_or_default(),
        None => host.split(':').next().unwrap_or_default(),
    };
    name.eq_ignore_ascii_case("localhost") || name.parse::<std::net::IpAddr>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(listen: &str, token: &str) -> Config {
        Config { listen: Listen::At(listen.parse().expect("an address")), token: token.into() }
    }

    fn allows(guard: &Guard, headers: &[(&'static str, &'static str)]) -> bool {
        let headers = headers.iter().map(|(name, value)| {
            (name.parse::<header::HeaderName>().expect("valid"), value.parse::<header::HeaderValue>().expect("valid"))
        });
        let (mut parts, ()) = hyper::Request::new(()).into_parts();
        parts.headers = headers.collect();
        guard.check(&parts).is_ok()
    }

    #[test]
    fn others_need_a_token() {
        assert!(Guard::new(&config("0.0.0.0:1", "")).is_err());
        assert!(Guard::new(&config("[::]:1", "")).is_err());
        assert!(Guard::new(&config(":1", "")).is_err());
        assert!(Guard::new(&config("localhost:1", "")).is_ok());
        assert!(Guard::new(&config("0.0.0.0:1", "secret")).is_ok());
        let guard = Guard::new(&config("127.0.0.1:1", "secret")).expect("valid");
        for right in ["Bearer secret", "bearer secret", "BEARER  secret"] {
            assert!(allows(&guard, &[("authorization", right)]), "{right}");
        }
        for wrong in ["Bearersecret", "Basic secret", "secret", "Bearer"] {
            assert!(!allows(&guard, &[("authorization", wrong)]), "{wrong}");
        }
        assert!(!allows(&guard, &[("authorization", "Bearer secreT")]));
        assert!(!allows(&guard, &[]));
    }

    #[test]
    fn pages_stay_out_of_a_local_api() {
        let guard = Guard::new(&config("[::1]:1", "")).expect("valid");
        assert!(allows(&guard, &[("host", "localhost:9090")]));
        assert!(allows(&guard, &[("host", "127.0.0.1:9090")]));
        assert!(allows(&guard, &[("host", "[::1]:9090")]));
        assert!(!allows(&guard, &[("host", "evil.example:9090")]));
        assert!(!allows(&guard, &[("host", "localhost:9090"), ("origin", "http://evil.example")]));
        for (site, comes_in) in [("cross-site", false), ("same-site", false), ("same-origin", true), ("none", true)] {
            assert_eq!(allows(&guard, &[("host", "localhost:9090"), ("sec-fetch-site", site)]), comes_in, "{site}");
        }
    }
}
