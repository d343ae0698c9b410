//! What one call of a hook may do in its calls to the host.

use crate::plugin::config::Limits;
use crate::plugin::contract::bindings::types::Error;

/// What is left of it.
#[derive(Default)]
pub(in crate::plugin) struct HostCallQuota {
    calls: usize,
    bytes: usize,
}

impl HostCallQuota {
    /// That of a new call.
    pub(in crate::plugin) fn new(limits: &Limits) -> Self {
        Self { calls: limits.host_calls, bytes: limits.host_bytes }
    }

    /// Take one call with so many bytes of arguments off.
    ///
    /// # Errors
    /// The one for the guest, when nothing is left.
    pub(in crate::plugin) fn take(&mut self, bytes: usize) -> Result<(), Error> {
        if self.calls == 0 {
            let reason = "one call of a hook has called the host too often: do less at once, the rest in a timer";
            return Err(Error::limit("limits.host_calls", reason));
        }
        let Some(left) = self.bytes.checked_sub(bytes) else {
            let reason = "one call of a hook has handed too much to the host: do less at once, the rest in a timer";
            return Err(Error::limit("limits.host_bytes", reason));
        };
        self.calls -= 1;
        self.bytes = left;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(error: Result<(), Error>) -> String {
        match error {
            Err(Error::LimitExceeded(limit)) => limit.limit,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn calls_and_bytes_are_bounded() {
        let limits = Limits { host_calls: 2, host_bytes: 10, ..Limits::default() };
        let mut host_calls = HostCallQuota::new(&limits);
        assert!(host_calls.take(10).is_ok());
        assert_eq!(key(host_calls.take(1)), "limits.host_bytes");
        assert!(host_calls.take(0).is_ok());
        assert_eq!(key(host_calls.take(0)), "limits.host_calls");
        assert!(HostCallQuota::new(&limits).take(1).is_ok());
    }
}
