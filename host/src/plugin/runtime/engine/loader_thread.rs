//! A thread for work that blocks: reading a component, waiting for the compiler, loading native code.
//!
//! It is one, and stays. Of a pool of threads every new one would keep some memory of its own, since loading takes
//! large pieces of it, and a server whose plugins are often replaced would grow for no reason that anybody can see. Who has several plugins to load borrows others meanwhile; see `try_map_parallel`.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread;

use tokio::sync::mpsc::{Receiver, Sender, channel};
use tokio::sync::oneshot;

/// How many jobs may wait; who has another one waits, too.
const WAITING: usize = 16;

type Job = Box<dyn FnOnce() + Send>;

/// The thread; it ends with this, once it has done what it is at.
pub(super) struct LoaderThread(Sender<Job>);

impl LoaderThread {
    pub(super) fn start() -> io::Result<Self> {
        let (jobs, given) = channel(WAITING);
        thread::Builder::new().name("plugin-loader".into()).spawn(move || work(given))?;
        Ok(Self(jobs))
    }

    /// Have something done when what was asked for before is done; what comes of it. `None` when it panics.
    pub(super) async fn run<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Option<T> {
        let (reply, answer) = oneshot::channel();
        // Whoever has asked may have given up.
        let job = move || _ = reply.send(work());
        self.0.send(Box::new(job)).await.ok()?;
        answer.await.ok()
    }
}

fn work(mut jobs: Receiver<Job>) {
    while let Some(job) = jobs.blocking_recv() {
        // It was logged when it happened, and who waits for the job learns of it: its reply is gone.
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
