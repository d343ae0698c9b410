//! The calls of an instance to the host, whichever the capability: the plugin that makes them, and how many are left.

use std::sync::Arc;

use crate::plugin::config::Limits;
use crate::plugin::contract::bindings::types::Error;
use crate::plugin::runtime::plugin::Plugin;

/// The calls of one instance to the host.
pub(in crate::plugin) struct HostCalls {
    pub(in crate::plugin) plugin: Arc<Plugin>,
    quota: HostCallQuota,
}

impl HostCalls {
    pub(in crate::plugin) fn new(plugin: &Arc<Plugin>) -> Self {
        Self { plugin: plugin.clone(), quota: HostCallQuota::default() }
    }

    /// Reset the quota: a call of a hook begins.
    pub(in crate::plugin) fn renew(&mut self) {
        self.quota = HostCallQuota::new(&self.plugin.config.limits);
    }

    /// Charge one call to the host with so many bytes of arguments.
    ///
    /// # Errors
    /// `limit-exceeded` for the guest, when nothing is left of the quota.
    pub(super) fn charge(&mut self, bytes: usize) -> Result<(), Error> {
        self.quota.take(bytes).map_err(|error| self.counted(error))
    }

    /// Count an error in the metrics, if it is of a limit.
    pub(super) fn counted(&self, error: Error) -> Error {
        if let Error::LimitExceeded(limit) = &error {
            self.plugin.metrics.limit_reached(&limit.key);
        }
        error
    }
}

/// What the running call of a hook may still do in its calls to the host.
#[derive(Default)]
struct HostCallQuota {
    calls: usize,
    bytes: usize,
}

impl HostCallQuota {
    /// The quota of a new call.
    fn new(limits: &Limits) -> Self {
        Self { calls: limits.host_calls, bytes: limits.host_bytes }
    }

    /// Charge one call with so many bytes of arguments.
    ///
    /// # Errors
    /// `limit-exceeded` for the guest, when nothing is left.
    fn take(&mut self, bytes: usize) -> Result<(), Error> {
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
            Err(Error::LimitExceeded(limit)) => limit.key,
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
