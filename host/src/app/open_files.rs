//! The kernel's bound on open files, which is usually 1,024: a stream is an open file.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Files that are open for other reasons, generously.
const OTHERS: u64 = 100;

/// Raise the bound as far as it is allowed, and say so if that is less than the configuration promises.
pub(super) fn allow(sockets: usize) {
    let wanted = (sockets as u64).saturating_add(OTHERS);
    let limit = getrlimit(Resource::Nofile);
    let possible = limit.maximum.unwrap_or(u64::MAX);
    if limit.current.is_some_and(|current| current < wanted.min(possible)) {
        let raised = Rlimit { current: Some(wanted.min(possible)), maximum: limit.maximum };
        if let Err(error) = setrlimit(Resource::Nofile, raised) {
            return tracing::warn!(%error, "the bound on open files could not be raised");
        }
    }
    if possible < wanted {
        tracing::info!(
            possible,
            wanted,
            "fewer files may be open than `limits.connections` and `server.sockets` promise: raise `ulimit -Hn`, or lower them"
        );
    }
}
