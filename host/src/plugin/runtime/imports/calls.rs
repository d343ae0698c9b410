//! What all capabilities have in common: whose calls to the host they are, and how many more there may be.

mod quota;

use std::sync::Arc;

use quota::HostCallQuota;

use crate::plugin::contract::bindings::types::Error;
use crate::plugin::runtime::plugin::Plugin;

/// The calls of one instance to the host.
pub(in crate::plugin) struct HostCalls {
    /// What it is an instance of.
    pub(in crate::plugin) plugin: Arc<Plugin>,
    /// What the call of a hook that is running may still do.
    host_calls: HostCallQuota,
}

impl HostCalls {
    pub(in crate::plugin) fn new(plugin: &Arc<Plugin>) -> Self {
        Self { plugin: plugin.clone(), host_calls: HostCallQuota::default() }
    }

    /// The call of a hook begins.
    pub(in crate::plugin) fn renew(&mut self) {
        self.host_calls = HostCallQuota::new(&self.plugin.config.limits);
    }

    /// Take one call to the host, with so many bytes of arguments, off what the call of the hook may do.
    ///
    /// # Errors
    /// The one for the guest, when nothing is left.
    pub(super) fn charge(&mut self, bytes: usize) -> Result<(), Error> {
        self.host_calls.take(bytes).map_err(|error| self.counted(error))
    }

    /// Count an error as one of a bound, if it is one.
    pub(super) fn counted(&self, error: Error) -> Error {
        if let Error::LimitExceeded(limit) = &error {
            self.plugin.metrics.limit_reached(&limit.limit);
        }
        error
    }
}
