//! The streams of one HTTP/2 connection: each is a task, counted while it lives, and can be cut by itself.
//!
//! The library does not look at a body while the client's window for it is closed, so a body cannot end its own
//! stream then. The task can: when it is dropped the library resets the stream, and forgets what waited for it. The
//! hub does that to event streams, and the connection to all others.

mod watched_body;

use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use hyper::Response;
use hyper::rt::Executor;
use slab::Slab;
use tokio::sync::Notify;
use tokio::time::Instant;

use crate::http::Body;
use crate::hub::Cut;
use crate::lock::lock;
use watched_body::WatchedBody;

/// The streams of one connection; clones are the same ones.
#[derive(Clone)]
pub(super) struct Streams(Arc<StreamsState>);

struct StreamsState {
    state: Mutex<State>,
    /// Notified when there is something else to wait for.
    changed: Notify,
}

struct State {
    open: usize,
    /// Since when there is none.
    unused: Instant,
    /// Of the stream whose task the library spawns next.
    announced: Option<Cut>,
    /// The responses that are no event streams, while the library takes them.
    answers: Slab<AnswerProgress>,
}

/// How far an answer has come.
struct AnswerProgress {
    cut: Cut,
    /// When the library last took something of it.
    moved: Instant,
}

/// Counts a stream as open until it is dropped.
struct StreamGuard(Arc<StreamsState>);

impl Streams {
    pub(super) fn new() -> Self {
        let state = State { open: 0, unused: Instant::now(), announced: None, answers: Slab::new() };
        Self(Arc::new(StreamsState { state: Mutex::new(state), changed: Notify::new() }))
    }

    /// The library asks for the answer to a request, and spawns the stream's task right afterwards. The answer is what
    /// will cut that stream.
    pub(super) fn announce(&self) -> Cut {
        let cut = Cut::default();
        self.0.lock().announced = Some(cut.clone());
        cut
    }

    /// Cut the answers of which a client takes nothing for so long. Event streams are the hub's.
    pub(super) fn watch(&self, response: Response<Body>, cut: Cut) -> Response<Body> {
        if cut.is_claimed() {
            return response;
        }
        let mut state = self.0.lock();
        if state.answers.is_empty() {
            self.0.changed.notify_one();
        }
        let key = state.answers.insert(AnswerProgress { cut, moved: Instant::now() });
        drop(state);
        response.map(|body| WatchedBody::new(body, self.clone(), key).boxed())
    }

    /// The library has taken a piece of an answer.
    pub(super) fn moved(&self, key: usize) {
        self.0.lock().answers[key].moved = Instant::now();
    }

    /// An answer is whole, or its stream has ended.
    pub(super) fn forget(&self, key: usize) {
        self.0.lock().answers.remove(key);
    }

    /// Until no stream has been open for `unused`: cut the answers of which the client takes nothing for `stalled`.
    pub(super) async fn run_until_unused(&self, unused: Duration, stalled: Duration) {
        loop {
            let now = Instant::now();
            let next = {
                let state = self.0.lock();
                if state.open == 0 {
                    let over = state.unused + unused;
                    if over <= now {
                        return;
                    }
                    Some(over)
                } else {
                    state.cut_stalled(now, stalled)
                }
            };
            match next {
                None => self.0.changed.notified().await,
                Some(next) => tokio::time::sleep_until(next).await,
            }
        }
    }
}

impl<F: Future<Output = ()> + Send + 'static> Executor<F> for Streams {
    fn execute(&self, stream: F) {
        let cut = {
            let mut state = self.0.lock();
            state.open += 1;
            state.announced.take()
        };
        let open = StreamGuard(self.0.clone());
        let task = tokio::spawn(async move {
            let _open = open;
            stream.await;
        });
        if let Some(cut) = cut {
            cut.set(task.abort_handle());
        }
    }
}

impl State {
    /// Cut the answers that have stalled; when the next one will be.
    fn cut_stalled(&self, now: Instant, stalled: Duration) -> Option<Instant> {
        let mut next = None;
        for (_, answer) in &self.answers {
            let over = answer.moved + stalled;
            if over <= now {
                answer.cut.cut();
            } else {
                next = Some(next.map_or(over, |next: Instant| next.min(over)));
            }
        }
        next
    }
}

impl StreamsState {
    fn lock(&self) -> MutexGuard<'_, State> {
        lock(&self.state)
    }
}

impl Drop for StreamGuard {
    fn drop(&mut self) {
        let mut state = self.0.lock();
        state.open -= 1;
        if state.open == 0 {
            state.unused = Instant::now();
            self.0.changed.notify_one();
        }
    }
}

#[cfg(test)]
mod tests {
    use http_body_util::{BodyExt, Empty};

    use super::*;

    const TIMEOUT: Duration = Duration::from_secs(10);

    #[tokio::test(start_paused = true)]
    async fn a_connection_is_unused_from_the_end_of_its_last_stream() {
        let streams = Streams::new();
        let start = Instant::now();
        let (one, other) = (Duration::from_secs(60), Duration::from_secs(90));
        streams.execute(tokio::time::sleep(one));
        streams.execute(tokio::time::sleep(other));
        streams.run_until_unused(TIMEOUT, TIMEOUT).await;
        assert!(start.elapsed() >= other + TIMEOUT, "{:?}", start.elapsed());
    }

    #[tokio::test(start_paused = true)]
    async fn one_that_never_had_a_stream_is_unused_from_its_start() {
        Streams::new().run_until_unused(TIMEOUT, TIMEOUT).await;
    }

    #[tokio::test(start_paused = true)]
    async fn a_stream_is_cut_by_itself() {
        let streams = Streams::new();
        let cut = streams.announce();
        streams.execute(std::future::pending());
        let neighbour = streams.announce();
        let (done, finished) = tokio::sync::oneshot::channel();
        streams.execute(async move {
            tokio::time::sleep(TIMEOUT).await;
            done.send(()).expect("a test that waits");
        });
        cut.cut();
        finished.await.expect("the neighbour goes on");
        streams.run_until_unused(TIMEOUT, TIMEOUT).await;
        // Of one that has ended already.
        neighbour.cut();
    }

    #[tokio::test(start_paused = true)]
    async fn an_answer_of_which_nothing_is_taken_is_cut() {
        let streams = Streams::new();
        let cut = streams.announce();
        let body = BodyExt::boxed_unsync(Empty::new().map_err(Into::into));
        let stalled = streams.watch(Response::new(body), cut);
        streams.execute(async move {
            let _stalled = stalled;
            std::future::pending().await
        });
        streams.run_until_unused(TIMEOUT, TIMEOUT).await;
        assert!(streams.0.lock().answers.is_empty());
    }
}
