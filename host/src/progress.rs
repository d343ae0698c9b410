//! A word on standard error about work that takes long, for commands that are otherwise silent until it is done.

use std::io::{self, Write};
use std::sync::mpsc::{RecvTimeoutError, sync_channel};
use std::thread;
use std::time::Duration;

/// What takes longer than this is announced.
const LONG: Duration = Duration::from_secs(1);

/// Do it, and say so if it takes longer than a second.
pub(crate) fn announced<T>(what: &str, work: impl FnOnce() -> T) -> T {
    // Nothing is left to be done if even this fails.
    with(LONG, move || _ = writeln!(io::stderr(), "roomcast: {what}"), work)
}

fn with<T>(patience: Duration, announce: impl FnOnce() + Send, work: impl FnOnce() -> T) -> T {
    let (running, ended) = sync_channel::<()>(0);
    let wait = move || {
        if ended.recv_timeout(patience) == Err(RecvTimeoutError::Timeout) {
            announce();
        }
    };
    thread::scope(|scope| {
        // Without a thread it is done in silence.
        let _ = thread::Builder::new().name("progress".into()).spawn_scoped(scope, wait);
        let done = work();
        drop(running);
        done
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_work_is_announced_while_it_runs() {
        let (announce, announced) = sync_channel(1);
        let done = with(Duration::ZERO, move || announce.send(()).expect("received"), || announced.recv().is_ok());
        assert!(done);
    }

    #[test]
    fn short_work_is_not_announced() {
        let forever = Duration::from_secs(3600);
        assert_eq!(with(forever, || panic!("it was short"), || 5), 5);
    }
}
