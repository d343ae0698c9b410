//! The kernel's bound on open files, which is usually 1,024: a stream is an open file.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use crate::server::Descriptors;

/// Raise the bound as far as it is allowed. The answer is what clients may have of it; a warning is logged if that is less
/// than the configuration promises them.
pub(super) fn allow(sockets: usize, reserved: usize) -> Descriptors {
    let (sockets, reserved) = (sockets as u64, reserved as u64);
    let wanted = sockets.saturating_add(reserved);
    let limit = getrlimit(Resource::Nofile);
    let possible = limit.maximum.unwrap_or(u64::MAX).min(wanted);
    let mut current = limit.current.unwrap_or(u64::MAX);
    if current < possible {
        let raised = Rlimit { current: Some(possible), maximum: limit.maximum };
        match setrlimit(Resource::Nofile, raised) {
            Ok(()) => current = possible,
            Err(error) => tracing::warn!("open files: the bound of {current} could not be raised: {error}"),
        }
    }
    let clients = Descriptors::for_clients(current, reserved);
    if let Descriptors::Below(bound) = clients
        && bound < sockets
    {
        tracing::info!(
            "open files: of {current} clients get {bound}, fewer than the {sockets} that `limits.connections` and \
             `server.sockets` promise: raise `ulimit -Hn`, or lower them"
        );
    }
    clients
}
