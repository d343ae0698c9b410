//! How a request that a plugin makes ends.

use strum::{EnumCount, IntoStaticStr, VariantArray};

/// How a request ended, for the metrics.
#[derive(Debug, Clone, Copy, PartialEq, Eq, EnumCount, IntoStaticStr, VariantArray)]
#[strum(serialize_all = "kebab-case")]
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
    pub(in crate::plugin) fn name(self) -> &'static str {
        self.into()
    }
}
