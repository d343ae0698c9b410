//! Timers: have [`OnTimer`](crate::OnTimer) called later.
//!
//! Timers follow the state: at a reload to the new version, and after a trap to the instance that starts from a checkpoint.
//! An instance that starts without state has none. A plugin has at most 1,000 timers, and has to name `OnTimer` in
//! [`export!`](crate::export).

use std::time::Duration;

use crate::Error;
use crate::bindings::roomcast::plugin::timers::Repetition;
use crate::host;

/// Identifies a timer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timer(u64);

impl Timer {
    /// Cancel the timer. False if it has already ended.
    pub fn cancel(self) -> bool {
        host::cancel_timer(self.0)
    }
}

/// Call `on_timer` once with `token` (at most 1 KiB) after `delay`, which is rounded up to milliseconds.
///
/// # Errors
/// If the delay is 0 or above about 49 days, the token is too long, there are too many timers, or the plugin does not
/// export `OnTimer`.
pub fn after(delay: Duration, token: &str) -> Result<Timer, Error> {
    host::set_timer(milliseconds(delay)?, Repetition::Once, token).map(Timer)
}

/// Call `on_timer` with `token` every `period` until the timer is cancelled. Late firings are skipped, not made up for.
///
/// # Errors
/// Those of [`after`].
pub fn every(period: Duration, token: &str) -> Result<Timer, Error> {
    host::set_timer(milliseconds(period)?, Repetition::Every, token).map(Timer)
}

/// Cancel a timer. False if it has already ended.
pub fn cancel(timer: Timer) -> bool {
    timer.cancel()
}

/// Rounds up. In 64-bit arithmetic, because 128-bit division makes a component larger.
fn milliseconds(delay: Duration) -> Result<u32, Error> {
    let whole = delay.as_secs().saturating_mul(1000);
    let all = whole.saturating_add(delay.subsec_nanos().div_ceil(1_000_000).into());
    u32::try_from(all).map_err(|_| Error::InvalidArgument {
        argument: "delay-ms".into(),
        reason: "is at most 4,294,967,295: set a shorter timer, and set it again when it fires".into(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delays_are_rounded_up() {
        assert_eq!(milliseconds(Duration::from_micros(1)), Ok(1));
        assert_eq!(milliseconds(Duration::from_secs(2)), Ok(2000));
        assert!(milliseconds(Duration::from_secs(u64::from(u32::MAX))).is_err());
    }
}
