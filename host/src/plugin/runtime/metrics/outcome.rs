//! How a request that a plugin makes ends.

/// How a request ended, for the metrics.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::plugin) enum Outcome {
    /// An answer came, whatever its status.
    Answered,
    /// It was not granted.
    Denied,
    /// A bound was reached.
    Limit,
    /// It took too long.
    Timeout,
    /// There was no answer.
    Failed,
    /// Nobody waited for it any more.
    Cancelled,
}

impl Outcome {
    pub(in crate::plugin) const ALL: [Self; 6] =
        [Self::Answered, Self::Denied, Self::Limit, Self::Timeout, Self::Failed, Self::Cancelled];

    pub(in crate::plugin) fn name(self) -> &'static str {
        match self {
            Self::Answered => "answered",
            Self::Denied => "denied",
            Self::Limit => "limit",
            Self::Timeout => "timeout",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }
}
