//! Why the host refused a call.

use std::fmt;

use crate::Rejection;

/// Why the host refused a call. A refused call has no effect.
///
/// `?` converts it to the [`Rejection`] that hooks such as `on_message` return, and to the `String` of others.
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

/// Status 500, since the plugin has asked for something that the host refuses; or 503 when that was a bound. The log tells the
/// error and the line, and the client neither. Catch an error that is the client's fault, and say so in words of your own.
impl From<Error> for Rejection {
    #[track_caller]
    fn from(error: Error) -> Self {
        let place = std::panic::Location::caller();
        crate::log::error!("{error}, at {}:{}", place.file(), place.line());
        match error {
            Error::LimitExceeded { .. } => Self::new(503, "the server is busy: try again later"),
            _ => Self::new(500, "the plugin has failed"),
        }
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
