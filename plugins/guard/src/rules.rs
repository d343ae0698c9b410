//! The two things that a request is looked at for.

use std::fmt;
use std::str::FromStr;

use roomcast_sdk::{Rejection, Request};
use subtle::ConstantTimeEq;

/// What a client has to show.
pub(crate) struct Token(String);

impl Token {
    /// # Errors
    /// When there is none, so that nobody runs an open door by mistake.
    pub(crate) fn new(token: String) -> Result<Self, String> {
        if token.trim().is_empty() {
            return Err("config `token` is not set: add `token = \"...\"` to [plugins.config] of this plugin".into());
        }
        Ok(Self(token))
    }

    /// # Errors
    /// 401, with the challenge of RFC 6750.
    pub(crate) fn check(&self, request: &Request) -> Result<(), Rejection> {
        let shown = match request.header("authorization") {
            Some(header) => bearer(&header).map(str::to_owned),
            None => request.parameter("token"),
        };
        match shown {
            Some(shown) if self.0.as_bytes().ct_eq(shown.as_bytes()).into() => Ok(()),
            Some(_) => {
                let challenge = r#"Bearer realm="roomcast", error="invalid_token""#;
                Err(Rejection::unauthorized(challenge, "the token is wrong"))
            }
            None => {
                let challenge = r#"Bearer realm="roomcast""#;
                Err(Rejection::unauthorized(challenge, "show the token: Authorization: Bearer ..., or ?token=..."))
            }
        }
    }
}

/// A token is a secret: it does not show in logs.
impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(...)")
    }
}

/// The token of an `Authorization` header; none when it has another scheme.
fn bearer(header: &str) -> Option<&str> {
    let (scheme, token) = header.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// A header whose bearers are turned away: with any value, or with one.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct DeniedHeader {
    name: String,
    value: Option<String>,
}

impl DeniedHeader {
    /// Whether a request carries it. A header may come more than once, and each of them counts.
    pub(crate) fn is_in(&self, request: &Request) -> bool {
        let denied = |value: &str| self.value.as_deref().is_none_or(|denied| denied == value);
        request.headers().iter().any(|(name, value)| name.eq_ignore_ascii_case(&self.name) && denied(value))
    }
}

impl FromStr for DeniedHeader {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (name, value) = match text.split_once(':') {
            Some((name, value)) => (name.trim(), Some(value.trim().to_owned())),
            None => (text.trim(), None),
        };
        if name.is_empty() || name.contains(char::is_whitespace) {
            return Err("give a header's name, or `name: value`");
        }
        Ok(Self { name: name.into(), value })
    }
}
