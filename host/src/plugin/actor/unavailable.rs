//! Why a plugin has no answer, and the answer that a client gets then.

use tokio::time::Instant;

use crate::plugin::contract::messages::Refusal;
use crate::plugin::runtime::status::State;

/// Why a plugin has no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::plugin) enum Unavailable {
    /// It trapped, or took too long: why, for its author.
    Failed(Option<Box<str>>),
    /// Too many calls wait for it, or this one has waited for too long.
    Busy,
    /// It cannot be called before this time.
    Down { until: Instant, state: State },
    /// It has been taken out of the chain, or the server is shutting down.
    Ended,
}

impl Unavailable {
    /// The answer to a client.
    pub(in crate::plugin) fn refusal(self, plugin: &str) -> Refusal {
        let (why, seconds) = match self {
            Self::Failed(None) => ("has failed".to_owned(), 1),
            Self::Failed(Some(why)) => (format!("has failed: {why}"), 1),
            Self::Busy => ("is busy".to_owned(), 1),
            Self::Down { until, state } => {
                let left = until.saturating_duration_since(Instant::now());
                let why = match state {
                    State::Quarantined => "exceeded its CPU budget and is quarantined",
                    _ => "is being started again",
                };
                (why.to_owned(), left.as_secs() + 1)
            }
            Self::Ended => ("has ended, since the server is shutting down".into(), 5),
        };
        let mut refusal = Refusal::new(503, format!("plugin `{plugin}` {why}: try again in {seconds} s"));
        refusal.headers.push(("retry-after".into(), seconds.to_string()));
        refusal
    }
}
