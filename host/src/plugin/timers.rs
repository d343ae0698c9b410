//! The timers of one instance. They go with it.

use std::collections::HashMap;
use std::future::{pending, poll_fn};
use std::time::Duration;

use tokio::time::Instant;
use tokio_util::time::{DelayQueue, delay_queue};

/// Whether a timer fires again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Repetition {
    Once,
    Every,
}

/// All timers that are set.
#[derive(Default)]
pub(super) struct Timers {
    queue: DelayQueue<u64>,
    set: HashMap<u64, Timer>,
    last_id: u64,
}

struct Timer {
    token: String,
    delay: Duration,
    repetition: Repetition,
    due: Instant,
    key: delay_queue::Key,
}

impl Timers {
    /// How many are set.
    pub(super) fn len(&self) -> usize {
        self.set.len()
    }

    /// Set one; its id, which no other of this instance ever has.
    pub(super) fn set(&mut self, delay: Duration, repetition: Repetition, token: String) -> u64 {
        self.last_id += 1;
        let id = self.last_id;
        let due = Instant::now() + delay;
        let key = self.queue.insert_at(id, due);
        self.set.insert(id, Timer { token, delay, repetition, due, key });
        id
    }

    /// Take one back; whether there was one.
    pub(super) fn cancel(&mut self, id: u64) -> bool {
        let Some(timer) = self.set.remove(&id) else { return false };
        self.queue.remove(&timer.key);
        true
    }

    /// Wait for the next one; its token. Nothing is lost when this is dropped before it is ready.
    pub(super) async fn next(&mut self) -> String {
        let Some(expired) = poll_fn(|cx| self.queue.poll_expired(cx)).await else { return pending().await };
        let id = expired.into_inner();
        let timer = self.set.get_mut(&id).expect("a timer in the queue is set");
        match timer.repetition {
            Repetition::Once => self.set.remove(&id).expect("it was there").token,
            Repetition::Every => {
                timer.due = next_due(timer.due, timer.delay, Instant::now());
                timer.key = self.queue.insert_at(id, timer.due);
                timer.token.clone()
            }
        }
    }
}

/// The first multiple of `delay` after `due` that lies ahead: firings that were missed are not made up for.
fn next_due(due: Instant, delay: Duration, now: Instant) -> Instant {
    let missed = now.saturating_duration_since(due).as_nanos() / delay.as_nanos().max(1);
    let steps = u32::try_from(missed).unwrap_or(u32::MAX).saturating_add(1);
    due + delay * steps
}

#[cfg(test)]
mod tests {
    use tokio::time::{advance, timeout};

    use super::*;

    const MS: Duration = Duration::from_millis(1);

    async fn silence(timers: &mut Timers, time: Duration) {
        assert!(timeout(time, timers.next()).await.is_err());
    }

    #[tokio::test(start_paused = true)]
    async fn they_fire_in_their_order_and_once() {
        let mut timers = Timers::default();
        timers.set(30 * MS, Repetition::Once, "late".into());
        timers.set(10 * MS, Repetition::Once, "early".into());
        assert_eq!(timers.next().await, "early");
        assert_eq!(timers.next().await, "late");
        assert_eq!(timers.len(), 0);
        silence(&mut timers, 1000 * MS).await;
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_cancelled_does_not_fire() {
        let mut timers = Timers::default();
        let id = timers.set(10 * MS, Repetition::Every, "x".into());
        assert_eq!(timers.next().await, "x");
        assert!(timers.cancel(id));
        assert!(!timers.cancel(id));
        assert!(!timers.cancel(99));
        silence(&mut timers, 1000 * MS).await;
    }

    #[tokio::test(start_paused = true)]
    async fn missed_firings_are_skipped() {
        let mut timers = Timers::default();
        let start = Instant::now();
        timers.set(10 * MS, Repetition::Every, "x".into());
        assert_eq!(timers.next().await, "x");
        assert_eq!(start.elapsed(), 10 * MS);
        advance(35 * MS).await;
        assert_eq!(timers.next().await, "x");
        silence(&mut timers, 4 * MS).await;
        assert_eq!(timers.next().await, "x");
        assert_eq!(start.elapsed(), 50 * MS);
    }

    #[tokio::test(start_paused = true)]
    async fn a_new_one_is_seen_by_who_waits() {
        let mut timers = Timers::default();
        timers.set(1000 * MS, Repetition::Once, "late".into());
        silence(&mut timers, 10 * MS).await;
        timers.set(10 * MS, Repetition::Once, "early".into());
        assert_eq!(timers.next().await, "early");
    }
}
