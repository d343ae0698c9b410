//! What the server cannot do without, and what becomes of it after a fault of the server's own: it is started again, or
//! the process ends, so that its supervisor sees it. It never goes on by half. A leaf.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::task::Poll;
use std::thread::{self, JoinHandle};

use tokio::task;

use crate::logging;

/// Run a task that must not fail: a panic in it ends the process.
pub(crate) fn spawn<T: Send + 'static>(
    name: &'static str,
    task: impl Future<Output = T> + Send + 'static,
) -> task::JoinHandle<T> {
    spawn_or(name, task, |name| end(name))
}

fn spawn_or<T: Send + 'static>(
    name: &'static str,
    task: impl Future<Output = T> + Send + 'static,
    give_up: impl FnOnce(&str) -> T + Send + 'static,
) -> task::JoinHandle<T> {
    tokio::spawn(async move { caught(task).await.unwrap_or_else(|Panicked| give_up(name)) })
}

/// Run a thread that must not fail: a panic in it ends the process.
///
/// # Errors
/// When the system refuses the thread.
pub(crate) fn thread<T: Send + 'static>(
    name: &str,
    work: impl FnOnce() -> T + Send + 'static,
) -> io::Result<JoinHandle<T>> {
    let own = name.to_owned();
    thread::Builder::new()
        .name(name.into())
        .spawn(move || catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_| end(&own)))
}

/// A future ended by a panic, which was logged when it happened.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Panicked;

/// Wait for a future, and for its panic. What it has borrowed must be put in order before it is used again.
pub(crate) async fn caught<F: Future>(future: F) -> Result<F::Output, Panicked> {
    let mut future = pin!(future);
    std::future::poll_fn(|cx| match catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(cx))) {
        Ok(poll) => poll.map(Ok),
        Err(_) => Poll::Ready(Err(Panicked)),
    })
    .await
}

/// End the process, and say which part of it has failed.
pub(crate) fn end(part: &str) -> ! {
    tracing::error!(part, "a part of the server has failed: the process ends, since it cannot go on without it");
    logging::flush();
    std::process::abort()
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::sync_channel;

    use super::*;

    #[tokio::test]
    async fn a_panic_is_caught_where_it_happens_and_the_value_comes_through() {
        assert_eq!(caught(async { 1 }).await, Ok(1));
        let late = async {
            task::yield_now().await;
            panic!("on purpose");
        };
        assert_eq!(caught(late).await.map(|()| 0), Err(Panicked));
    }

    #[tokio::test]
    async fn a_task_that_panics_is_given_up_by_its_name() {
        let (sender, given_up) = sync_channel(1);
        let give_up = move |name: &str| sender.send(name.to_owned()).expect("somebody listens");
        let task = async {
            task::yield_now().await;
            panic!("on purpose");
        };
        spawn_or("part", task, give_up).await.expect("it ends in order");
        assert_eq!(given_up.recv(), Ok("part".into()));
        let never = |_: &str| -> &str { panic!("it has not failed") };
        assert_eq!(spawn_or("part", async { "done" }, never).await.ok(), Some("done"));
    }
}
