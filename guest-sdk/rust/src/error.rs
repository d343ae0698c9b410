//! Why the host refused a call.

use std::fmt;

use crate::Rejection;

/// Why the host refused a call. A refused call has no effect.
///
/// `?` converts it to the `String` that hooks such as `on_message` return, and to the [`Rejection`] of `on_connect`.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Error {
    /// No open connection has this id.
    NoSuchConnection,
    /// The connection is closing and takes no more events.
    Closed,
    /// An argument is invalid.
    InvalidArgument {
        /// The name of the argument or field, for example `event.id`.
        argument: String,
        /// What is wrong with it, and what is allowed.
        reason: String,
    },
    /// A limit was reached.
    LimitExceeded {
        /// The configuration key of the limit, for example `limits.timers`.
        limit: String,
        /// The limit's value, and what to do about it.
        reason: String,
    },
    /// The operator has not granted this capability.
    NotPermitted(String),
    /// The store refused the call: a limit was reached, or an argument is invalid. The text says what to do.
    Store(String),
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoSuchConnection => f.write_str("no open connection has this id"),
            Self::Closed => f.write_str("the connection is closing and takes no more events"),
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

/// An invalid argument becomes status 400, since it usually comes from the client; every other error becomes 503.
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
