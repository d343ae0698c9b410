//! A server that runs, and the way in for events.

use anyhow::Result;
use mio::Registry;

use super::child::{Child, Ports};
use crate::load::publisher::{Publisher, Way};

/// A server that runs and can be connected to.
pub(crate) struct Running {
    pub(crate) child: Child,
    pub(crate) ports: Ports,
}

impl Running {
    /// The way in for events, with this many in flight.
    pub(crate) fn publisher(&mut self, in_flight: usize, registry: &Registry) -> Result<Publisher> {
        match (self.ports.api, self.ports.publish) {
            (Some(api), _) => Publisher::http(&Way::Api(api), in_flight, registry),
            (None, Some(address)) => Publisher::http(&Way::Peer(address), in_flight, registry),
            (None, None) => Ok(Publisher::Pipe(self.child.take_input())),
        }
    }
}
