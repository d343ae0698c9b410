//! Timers: have [`OnTimer`](crate::OnTimer) called later.
//!
//! They go where the state goes: to the new version at a reload, and to the instance that starts from a checkpoint after a
//! trap; one that starts from nothing has none. A plugin has at most 1,000 at once, and has to name `OnTimer` in
//! [`export!`](crate::export).

use std::time::Duration;

use crate::Error;
use crate::bindings::roomcast::plugin::timers::Repetition;
use crate::host;

/// A timer that was set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timer(u64);

impl Timer {
    /// Take the timer back. False when it is gone already.
    pub fn cancel(self) -> bool {
        host::cancel_timer(self.0)
    }
}

/// Have `on_timer` called once with `token` (at most 1 KiB) after `delay`, which is rounded up to milliseconds.
///
/// # Errors
/// When the delay is 0 or above some 49 days, the token is too long, there are too many timers, or the plugin does not
/// export `OnTimer`.
pub fn after(delay: Duration, token: &str) -> Result<Timer, Error> {
    host::set_timer(milliseconds(delay)?, Repetition::Once, token).map(Timer)
}

/// Have `on_timer` called with `token` every `period`, until the timer is cancelled. A firing that falls behind is
/// skipped, not made up for.
///
/// # Errors
/// Those of [`after`].
pub fn every(period: Duration, token: &str) -> Result<Timer, Error> {
    host::set_timer(milliseconds(period)?, Repetition::Every, token).map(Timer)
}

/// Take a timer back. False when it is gone already.
pub fn cancel(timer: Timer) -> bool {
    timer.cancel()
}

/// Rounded up; by the arithmetic of 64 bits, since that of 128 is heavy on a component.
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
