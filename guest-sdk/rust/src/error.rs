//! Why the host refused a call.

use std::fmt;

/// Why the host refused a call. A refused call has no effect.
///
/// `?` converts it to the [`Rejection`](crate::Rejection) that hooks such as `on_message` return, and to the `String` of others.
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
        key: String,
        /// The limit's value, and what to do about it.
        reason: String,
    },
    /// The operator has not granted this capability.
    NotPermitted(String),
    /// An error that this version of the SDK does not name; in words.
    Other(String),
    /// The store refused the call: a limit was reached, or an argument is invalid. The text says what to do.
    Store(String),
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoSuchConnection => f.write_str("no open connection has this id"),
            Self::Closed => f.write_str("the connection is closing and takes no more events"),
            Self::InvalidArgument { argument, reason } => write!(f, "`{argument}`: {reason}"),
            Self::LimitExceeded { key, reason } => write!(f, "`{key}`: {reason}"),
            Self::Other(why) => f.write_str(why),
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

#[cfg(test)]
mod tests {
    use super::*;

    fn invalid() -> Error {
        Error::InvalidArgument { argument: "room".into(), reason: "must not be empty".into() }
    }

    #[test]
    fn errors_become_answers() {
        assert_eq!(String::from(invalid()), "`room`: must not be empty");
    }
}
