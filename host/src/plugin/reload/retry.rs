//! Reloads of changed files that failed because the system was short of a resource, and are tried again.

use std::collections::HashMap;
use std::time::Duration;

use tokio::time::Instant;

const MIN_PAUSE: Duration = Duration::from_secs(1);
/// The pause doubles up to this. There is no last attempt, since nothing else would load the file later.
const MAX_PAUSE: Duration = Duration::from_secs(60);

/// When the reload of each plugin is tried again.
#[derive(Default)]
pub(super) struct Retries(HashMap<String, PendingRetry>);

struct PendingRetry {
    at: Instant,
    pause: Duration,
}

impl Retries {
    /// The plugin's reload has failed: after which pause it is tried again.
    pub(super) fn later(&mut self, plugin: &str) -> Duration {
        let pause = self.0.get(plugin).map_or(MIN_PAUSE, |retry| (retry.pause * 2).min(MAX_PAUSE));
        self.0.insert(plugin.into(), PendingRetry { at: Instant::now() + pause, pause });
        pause
    }

    /// It has been loaded, or another attempt would fail as well.
    pub(super) fn settled(&mut self, plugin: &str) {
        self.0.remove(plugin);
    }

    /// When the next one is due.
    pub(super) fn next_deadline(&self) -> Option<Instant> {
        self.0.values().map(|retry| retry.at).min()
    }

    /// Those that are due.
    pub(super) fn due(&self, now: Instant) -> Vec<String> {
        self.0.iter().filter(|(_, retry)| retry.at <= now).map(|(plugin, _)| plugin.clone()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn the_pause_doubles_up_to_a_limit_and_starts_over() {
        let mut retries = Retries::default();
        let pauses: Vec<_> = (0..8).map(|_| retries.later("p").as_secs()).collect();
        assert_eq!(pauses, [1, 2, 4, 8, 16, 32, 60, 60]);
        let due = retries.next_deadline().expect("it is tried again");
        assert_eq!((retries.due(due), retries.due(due - MIN_PAUSE)), (vec!["p".to_owned()], Vec::new()));
        retries.settled("p");
        assert_eq!((retries.next_deadline(), retries.later("p")), (None, MIN_PAUSE));
    }
}
