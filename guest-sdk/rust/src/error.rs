//! Why the host refused a call.

use std::fmt;

use crate::Rejection;

/// Why the host refused a call. Nothing was done in that case.
///
/// With `?` it becomes the `String` that hooks such as `on_message` answer with, and the [`Rejection`] of
/// `on_connect`.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Error {
    /// No open connection has this id: it ended, or never was.
    NoSuchConnection,
    /// The connection is being closed and takes no more events.
    Closed,
    /// An argument breaks a rule.
    InvalidArgument {
        /// The argument's or field's name, for example `event.id`.
        argument: String,
        /// What is wrong with it and what is allowed.
        reason: String,
    },
    /// A bound was reached.
    LimitExceeded {
        /// The configuration key of the bound, for example `limits.timers`.
        limit: String,
        /// What the bound is and what to do.
        reason: String,
    },
    /// The operator has not granted the capability that is named.
    NotPermitted(String),
    /// The store refused: a bound is reached, or an argument breaks a rule; in words, with what to do.
    Store(String),
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoSuchConnection => f.write_str("no open connection has this id: it ended, or never was"),
            Self::Closed => f.write_str("the connection is being closed and takes no more events"),
            Self::InvalidArgument { argument, reason } => write!(f, "`{argument}`: {reason}"),
            Self::LimitExceeded { limit, reason } => write!(f, "`{limit}`: {reason}"),
            Self::Store(why) => write!(f, "the store: {why}"),
            Self::NotPermitted(capability) => write!(f, "`{capability}` is not granted to this plugin"),
        }
    }
}

impl std::error::Error for Error {}

impl From<Error> for String {
    fn from(error: Error) -> Self {
        error.to_string()
    }
}

/// An invalid argument is taken for the client's doing (400), everything else for the server's state (503).
impl From<Error> for Rejection {
    fn from(error: Error) -> Self {
        let status = if matches!(error, Error::InvalidArgument { .. }) { 400 } else { 503 };
        Self::new(status, error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn invalid() -> Error {
        Error::InvalidArgument { argument: "room".into(), reason: "must not be empty".into() }
    }

    #[test]
    fn errors_become_answers() {
        assert_eq!(String::from(invalid()), "`room`: must not be empty");
        assert_eq!(Rejection::from(invalid()).status, 400);
        assert_eq!(Rejection::from(Error::Closed).status, 503);
    }
}
