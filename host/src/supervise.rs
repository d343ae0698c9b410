//! What follows a panic in a part that the server cannot do without: the part is restarted, or the process ends, so that its
//! supervisor restarts it. A server that runs only in part is the worst of all. A leaf.

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
    on_panic: impl FnOnce(&str) -> T + Send + 'static,
) -> task::JoinHandle<T> {
    tokio::spawn(async move { caught(task).await.unwrap_or_else(|Panicked| on_panic(name)) })
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

/// Wait for a future, and catch its panic. What it has borrowed may be inconsistent then, and has to be repaired before it is
/// used again.
pub(crate) async fn caught<F: Future>(future: F) -> Result<F::Output, Panicked> {
    let mut future = pin!(future);
    std::future::poll_fn(|cx| match catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(cx))) {
        Ok(poll) => poll.map(Ok),
        Err(_) => Poll::Ready(Err(Panicked)),
    })
    .await
}

/// Log which part has failed, and end the process.
pub(crate) fn end(part: &str) -> ! {
    tracing::error!(part, "essential part failed: ending the process");
    logging::flush();
    std::process::abort()
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::sync_channel;

    use super::*;

    #[tokio::test]
    async fn value_and_panic_of_a_future_are_told_apart() {
        assert_eq!(caught(async { 1 }).await, Ok(1));
        let late = async {
            task::yield_now().await;
            panic!("on purpose");
        };
        assert_eq!(caught(late).await.map(|()| 0), Err(Panicked));
    }

    #[tokio::test]
    async fn panic_of_a_task_is_handled_under_its_name() {
        let (sender, panicked) = sync_channel(1);
        let on_panic = move |name: &str| sender.send(name.to_owned()).expect("a receiver");
        let task = async {
            task::yield_now().await;
            panic!("on purpose");
        };
        spawn_or("part", task, on_panic).await.expect("it ends in order");
        assert_eq!(panicked.recv(), Ok("part".into()));
        let never = |_: &str| -> &str { panic!("it has not failed") };
        assert_eq!(spawn_or("part", async { "done" }, never).await.ok(), Some("done"));
    }
}
