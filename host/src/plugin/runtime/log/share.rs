//! The rate limits of one plugin's log: lines a second, and bytes over a longer time.

use std::time::Duration;

use tokio::time::Instant;

use crate::plugin::config::Limits;
use crate::plugin::runtime::token_bucket::{Taken, TokenBucket};

/// What the host adds to each line of a plugin: the time, the plugin's name, the connection.
const BESIDE: usize = 150;
/// The most failures of one plugin that are logged in a second.
const FAILURES: u32 = 5;
/// The burst of `limits.log_bytes`, in seconds of its rate.
const BURST: f64 = 100.0;

/// The limits of one plugin, and what was left out.
pub(super) struct LogShare {
    lines: WindowRate,
    bytes: TokenBucket,
    left_out: Option<LeftOut>,
    failures: WindowRate,
}

/// Whether there is room for a record.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum LogRoom {
    /// There is; with what was left out before.
    Yes(Option<LeftOut>),
    No,
}

/// Lines that are not in the log.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct LeftOut {
    pub(super) lines: u64,
    /// The key of the bound that was reached last.
    pub(super) bound: &'static str,
}

pub(super) const LINES: &str = "limits.log_lines";
pub(super) const BYTES: &str = "limits.log_bytes";

impl LogShare {
    pub(super) fn new(limits: &Limits) -> Self {
        let rate = limits.log_bytes as f64;
        let (lines, failures) = (WindowRate::new(limits.log_lines), WindowRate::new(FAILURES));
        Self { lines, bytes: TokenBucket::new(rate, rate * BURST), left_out: None, failures }
    }

    /// Charge a line.
    pub(super) fn begin(&mut self) -> Taken {
        let Turn::Yes { left_out } = self.lines.turn() else { return Taken::No };
        if left_out > 0 {
            self.leave_out(left_out, LINES);
        }
        Taken::Yes
    }

    /// Charge the text of a line.
    pub(super) fn take(&mut self, bytes: usize) -> LogRoom {
        match self.bytes.take((bytes + BESIDE) as f64) {
            Taken::Yes => LogRoom::Yes(self.left_out.take()),
            Taken::No => {
                self.leave_out(1, BYTES);
                LogRoom::No
            }
        }
    }

    fn leave_out(&mut self, lines: u64, bound: &'static str) {
        let before = self.left_out.as_ref().map_or(0, |before| before.lines);
        self.left_out = Some(LeftOut { lines: before + lines, bound });
    }

    pub(super) fn failure(&mut self, bytes: usize) -> Turn {
        let turn = self.failures.turn();
        if matches!(turn, Turn::Yes { .. }) {
            self.bytes.owe((bytes + BESIDE) as f64);
        }
        turn
    }
}

/// A limit of events a second, in a fixed window.
pub(in crate::plugin) struct WindowRate {
    limit: u32,
    since: Instant,
    taken: u32,
    left_out: u64,
}

/// Whether an event is within the limit.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::plugin) enum Turn {
    /// It is; `left_out` events before it were not.
    Yes {
        left_out: u64,
    },
    No,
}

impl WindowRate {
    pub(in crate::plugin) fn new(limit: u32) -> Self {
        Self { limit, since: Instant::now(), taken: 0, left_out: 0 }
    }

    pub(in crate::plugin) fn turn(&mut self) -> Turn {
        let now = Instant::now();
        if now.duration_since(self.since) >= Duration::from_secs(1) {
            (self.since, self.taken) = (now, 0);
        }
        if self.taken >= self.limit {
            self.left_out += 1;
            return Turn::No;
        }
        self.taken += 1;
        Turn::Yes { left_out: std::mem::take(&mut self.left_out) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_flood_is_cut_and_counted() {
        let mut rate = WindowRate::new(2);
        assert_eq!(rate.turn(), Turn::Yes { left_out: 0 });
        assert_eq!(rate.turn(), Turn::Yes { left_out: 0 });
        assert_eq!(rate.turn(), Turn::No);
        assert_eq!(rate.turn(), Turn::No);
        tokio::time::advance(Duration::from_secs(1)).await;
        assert_eq!(rate.turn(), Turn::Yes { left_out: 2 });
        assert_eq!(rate.turn(), Turn::Yes { left_out: 0 });
        assert_eq!(rate.turn(), Turn::No);
    }

    fn share(log_lines: u32, log_bytes: usize) -> LogShare {
        LogShare::new(&Limits { log_lines, log_bytes, ..Limits::default() })
    }

    /// A line with so much text.
    fn line(share: &mut LogShare, bytes: usize) -> LogRoom {
        if share.begin() == Taken::Yes { share.take(bytes) } else { LogRoom::No }
    }

    #[tokio::test(start_paused = true)]
    async fn a_burst_is_let_through_and_then_what_the_rate_allows() {
        let mut share = share(1_000_000, 100);
        let burst = (0..).take_while(|_| line(&mut share, 0) == LogRoom::Yes(None)).count();
        assert_eq!(burst, 100 * 100 / BESIDE, "what 100 seconds allow");
        assert_eq!(line(&mut share, 0), LogRoom::No);
        tokio::time::advance(Duration::from_millis(1_500)).await;
        assert_eq!(line(&mut share, 0), LogRoom::Yes(Some(LeftOut { lines: 2, bound: BYTES })));
        assert_eq!(line(&mut share, 0), LogRoom::No);
    }

    #[tokio::test(start_paused = true)]
    async fn all_that_is_left_out_is_counted_once() {
        let mut share = share(2, 1_000_000);
        assert_eq!([(); 2].map(|()| line(&mut share, 1)), [LogRoom::Yes(None), LogRoom::Yes(None)]);
        assert_eq!([(); 2].map(|()| line(&mut share, 1)), [LogRoom::No, LogRoom::No]);
        tokio::time::advance(Duration::from_secs(1)).await;
        assert_eq!(line(&mut share, 1_000_000_000), LogRoom::No);
        assert_eq!(line(&mut share, 1), LogRoom::Yes(Some(LeftOut { lines: 3, bound: BYTES })));
        assert_eq!(line(&mut share, 1), LogRoom::No);
        tokio::time::advance(Duration::from_secs(1)).await;
        assert_eq!(line(&mut share, 1), LogRoom::Yes(Some(LeftOut { lines: 1, bound: LINES })));
        assert_eq!(line(&mut share, 1), LogRoom::Yes(None));
    }

    #[tokio::test(start_paused = true)]
    async fn a_failure_is_told_whatever_the_plugin_has_written_and_counts() {
        let mut share = share(1_000, 1_000);
        while line(&mut share, 10_000) != LogRoom::No {}
        for _ in 0..FAILURES {
            assert_eq!(share.failure(10_000), Turn::Yes { left_out: 0 });
        }
        assert_eq!(share.failure(10_000), Turn::No);
        tokio::time::advance(Duration::from_secs(1)).await;
        assert_eq!(line(&mut share, 0), LogRoom::No, "the failures are paid for first");
        assert_eq!(share.failure(10_000), Turn::Yes { left_out: 1 });
    }

    #[tokio::test(start_paused = true)]
    async fn by_default_a_flood_is_less_than_a_gigabyte_a_day() {
        for text in [1, 100, Limits::default().log_line] {
            let mut share = LogShare::new(&Limits::default());
            let mut written = 0;
            for _ in 0..3600 {
                tokio::time::advance(Duration::from_secs(1)).await;
                let lines = (0..).take_while(|_| line(&mut share, text) != LogRoom::No).count();
                written += lines * (text + BESIDE) * 24;
            }
            assert!((500_000_000..1_000_000_000).contains(&written), "{written} in lines of {text}");
        }
    }
}
