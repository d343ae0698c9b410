//! What an operator can set about the public addresses.

use std::ops::Deref;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::cors::{Cors, Credentials};
use super::retry_later::TemporaryRefusal;
use crate::event::MIN_RETRY;
use crate::text::printable;
use crate::units;

/// The `[endpoint]` table: where the stream is, and who may read it.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// The stream's path.
    pub path: String,
    /// The path that takes clients' messages by POST.
    pub message_path: String,
    /// What `/sse/` is when the path is `/sse`.
    pub trailing_slash: TrailingSlash,
    /// The query parameter by which a client asks for rooms, for example `room` for `/sse?room=a&room=b`; plugins with
    /// the `room` hook are asked. Empty: clients cannot ask.
    pub room_parameter: String,
    /// Whether a client that comes back with the id of the last event it has seen gets what it has missed, in rooms that keep history.
    pub resume: bool,
    /// The query parameter by which a client without an id asks for earlier events, for example `rewind` for
    /// `/sse?rewind=20`. Empty: it gets those of its rooms' rules.
    pub rewind_parameter: String,
    /// Origins whose pages may read the stream and send messages, for example `["https://example.org"]`; with
    /// `"https://*.example.org"` those of its subdomains, with `["*"]` all.
    pub allow_origins: Vec<String>,
    /// Whether pages of these origins may send cookies and the like along.
    pub allow_credentials: bool,
    /// Headers that pages of these origins may send, beyond the CORS-safelisted ones.
    pub allow_headers: Vec<String>,
    /// What a client gets that asks for a stream and is refused temporarily.
    pub refusal: TemporaryRefusal,
    /// What each stream begins with: how long a browser waits before it comes back, now and whenever it has lost a stream
    /// of this address; `"0s"` leaves it to the browser.
    #[serde(with = "units::duration")]
    pub retry: Duration,
}

/// The longest `endpoint.retry`.
const MAX_RETRY: Duration = Duration::from_secs(86_400);

/// What a slash behind a path means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TrailingSlash {
    /// Another address, which does not exist.
    Strict,
    /// The same address.
    Ignore,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            path: "/sse".into(),
            message_path: "/send".into(),
            trailing_slash: TrailingSlash::Strict,
            room_parameter: String::new(),
            resume: true,
            rewind_parameter: String::new(),
            allow_origins: Vec::new(),
            allow_credentials: false,
            allow_headers: ["Last-Event-ID", "Cache-Control", "Authorization", "Content-Type", "Roomcast-Connection"]
                .map(str::to_owned)
                .into(),
            refusal: TemporaryRefusal::Status,
            retry: Duration::from_secs(3),
        }
    }
}

/// What is wrong with the `[endpoint]` table.
#[derive(Debug, Error, PartialEq, Eq)]
#[error("`endpoint.{key}`: {reason}")]
pub struct ConfigError {
    key: &'static str,
    reason: String,
}

/// A configuration without contradictions.
pub(super) struct Checked {
    config: Config,
    pub(super) cors: Cors,
}

impl Deref for Checked {
    type Target = Config;

    fn deref(&self) -> &Config {
        &self.config
    }
}

impl Checked {
    pub(super) fn ignores_trailing_slash(&self) -> bool {
        self.trailing_slash == TrailingSlash::Ignore
    }
}

impl Config {
    /// Refuse what an endpoint would refuse.
    pub(crate) fn validate(&self) -> Result<(), ConfigError> {
        self.check().map(drop)
    }

    pub(super) fn check(&self) -> Result<Checked, ConfigError> {
        for (key, path) in [("path", &self.path), ("message_path", &self.message_path)] {
            if !can_be_asked_for(path) {
                let path = printable(path, MAX_QUOTED);
                let reason = format!(
                    "\"{path}\" is not a path such as \"/sse\": a slash, and then letters, digits, `/` and any of `{MARKS}`, without `.` or `..` between two slashes"
                );
                return Err(ConfigError { key, reason });
            }
        }
        if self.path == self.message_path {
            let reason = format!("\"{}\" is the stream's path already", self.path);
            return Err(ConfigError { key: "message_path", reason });
        }
        let credentials = if self.allow_credentials { Credentials::Include } else { Credentials::Omit };
        let cors = Cors::new(&self.allow_origins, credentials)
            .map_err(|reason| ConfigError { key: "allow_origins", reason })?
            .with_headers(&self.allow_headers)
            .map_err(|reason| ConfigError { key: "allow_headers", reason })?;
        if !self.retry.is_zero() && !(MIN_RETRY..=MAX_RETRY).contains(&self.retry) {
            let reason = "is 500ms to 1day, or \"0s\" to leave it to browsers, which keep it for good".into();
            return Err(ConfigError { key: "retry", reason });
        }
        Ok(Checked { config: self.clone(), cors })
    }
}

/// The characters that stand for themselves in a path (RFC 3986, 3.3), besides letters, digits and the slash.
const MARKS: &str = "-._~!$&'()*+,;=:@";
/// How much of a path that is none is shown, in bytes.
const MAX_QUOTED: usize = 200;

/// Whether a client can ask for a path as it stands here: what has to be escaped is compared as it was sent, and clients
/// resolve dots before they ask.
fn can_be_asked_for(path: &str) -> bool {
    let sound = |character: char| character.is_ascii_alphanumeric() || character == '/' || MARKS.contains(character);
    path.starts_with('/') && path.chars().all(sound) && !path.split('/').any(|part| matches!(part, "." | ".."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_one_that_can_be_asked_for() {
        for path in ["/", "/sse", "/a/b.c/", "/~x/$events;v=1,2", "/.well-known/sse", "/..."] {
            assert!(can_be_asked_for(path), "{path}");
        }
        for path in
            ["", "sse", "/a\0", "/%2f", "/é", "/a b", "/a?b", "/a#b", "/a/../b", "/./a", "/a\nb", "/a\"", "/a\\b"]
        {
            let config = Config { path: path.into(), ..Config::default() };
            let error = config.check().err().expect("refused").to_string();
            assert!(
                error.starts_with("`endpoint.path`: \"") && error.contains("such as \"/sse\""),
                "{path:?}: {error}"
            );
            assert!(!error.contains('\0') && !error.contains('\n'), "{error:?}");
        }
    }

    #[test]
    fn contradictions_name_their_key() {
        let key = |config: Config| config.check().err().map(|error| error.key);
        assert_eq!(key(Config::default()), None);
        assert_eq!(key(Config { path: "sse".into(), ..Config::default() }), Some("path"));
        assert_eq!(key(Config { message_path: "/sse".into(), ..Config::default() }), Some("message_path"));
        let star = Config { allow_origins: vec!["*".into()], allow_credentials: true, ..Config::default() };
        assert_eq!(key(star), Some("allow_origins"));
        assert_eq!(key(Config { allow_headers: vec!["a b".into()], ..Config::default() }), Some("allow_headers"));
        for (retry, wrong) in
            [(0, None), (1, Some("retry")), (499, Some("retry")), (500, None), (86_400_001, Some("retry"))]
        {
            let retry = Duration::from_millis(retry);
            assert_eq!(key(Config { retry, ..Config::default() }), wrong, "{retry:?}");
        }
    }
}
