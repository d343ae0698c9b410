//! The names of a [`DisconnectReason`].

use std::fmt;

use crate::DisconnectReason;

impl DisconnectReason {
    /// The reason's name in logs, metrics and the API, for example `slow-consumer`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ClientClosed => "client-closed",
            Self::PluginClosed => "plugin-closed",
            Self::OperatorClosed => "operator-closed",
            Self::SlowConsumer => "slow-consumer",
            Self::WriteTimeout => "write-timeout",
            Self::UnexpectedInput => "unexpected-input",
            Self::Rejected => "rejected",
            Self::ServerShutdown => "server-shutdown",
            Self::Answered => "answered",
            Self::TokenExpired => "token-expired",
            Self::Revoked => "revoked",
            Self::MaxAge => "max-age",
            Self::Other => "other",
        }
    }
}

impl fmt::Display for DisconnectReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
