//! A thread for work that blocks: reading a component, waiting for the compiler, loading native code.
//!
//! It is a single, permanent thread: each thread of a pool would keep memory of its own after loading, so a server whose
//! plugins are often replaced would grow. Several plugins at once are loaded by `try_map_parallel`, on more threads.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread;

use tokio::sync::mpsc::{Receiver, Sender, channel};
use tokio::sync::oneshot;

/// The capacity of the queue of jobs; beyond it `run` waits.
const WAITING: usize = 16;

type Load = Box<dyn FnOnce() + Send>;

/// The thread. It ends when this is dropped, after the job that it runs.
pub(super) struct LoaderThread(Sender<Load>);

impl LoaderThread {
    pub(super) fn start() -> io::Result<Self> {
        let (jobs, given) = channel(WAITING);
        thread::Builder::new().name("plugin-loader".into()).spawn(move || work(given))?;
        Ok(Self(jobs))
    }

    /// Run a job after those that were queued before. `None` when it panics.
    pub(super) async fn run<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Option<T> {
        let (reply, answer) = oneshot::channel();
        // The caller may have been dropped.
        let job = move || _ = reply.send(work());
        self.0.send(Box::new(job)).await.ok()?;
        answer.await.ok()
    }
}

fn work(mut jobs: Receiver<Load>) {
    while let Some(job) = jobs.blocking_recv() {
        // The panic hook has logged it, and the caller sees that the reply was dropped.
        let _ = catch_unwind(AssertUnwindSafe(job));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn one_thing_after_the_other_on_one_thread() {
        let loader_thread = LoaderThread::start().expect("a thread");
        let id = || thread::current().id();
        let (first, second) = tokio::join!(loader_thread.run(id), loader_thread.run(id));
        assert!(first.is_some() && first == second && first != Some(id()), "{first:?} {second:?}");
    }

    #[tokio::test]
    async fn what_panics_has_no_answer() {
        let loader_thread = LoaderThread::start().expect("a thread");
        assert_eq!(loader_thread.run(|| panic!("on purpose")).await, None::<()>);
        assert_eq!(loader_thread.run(|| 1).await, Some(1), "it does what comes after it");
    }
}
