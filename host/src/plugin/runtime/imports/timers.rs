//! The timers of one instance. They go to the instance that takes over its state, or end with it.

mod host;

use std::collections::{HashMap, HashSet};
use std::future::{pending, poll_fn};
use std::time::Duration;

use tokio::time::Instant;
use tokio_util::time::{DelayQueue, delay_queue};

use crate::plugin::runtime::progress::HandleIds;
pub(in crate::plugin) use host::TimersHost;

/// Whether a timer fires again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::plugin) enum Repetition {
    Once,
    Every,
}

/// All timers that are set.
#[derive(Default)]
pub(in crate::plugin) struct Timers {
    queue: DelayQueue<u64>,
    set: HashMap<u64, Timer>,
    ids: HandleIds,
}

struct Timer {
    token: String,
    delay: Duration,
    repetition: Repetition,
    due: Instant,
    /// Its place in the queue.
    key: Option<delay_queue::Key>,
}

impl Timer {
    fn is_like(&self, other: &Self) -> bool {
        self.delay == other.delay && self.repetition == other.repetition
    }
}

impl Timers {
    pub(in crate::plugin) fn new(ids: HandleIds) -> Self {
        Self { ids, ..Self::default() }
    }

    /// How many are set.
    pub(in crate::plugin) fn len(&self) -> usize {
        self.set.len()
    }

    /// Set a timer; its id.
    pub(in crate::plugin) fn set(&mut self, delay: Duration, repetition: Repetition, token: String) -> u64 {
        let id = self.ids.next();
        let due = Instant::now() + delay;
        self.insert(id, Timer { token, delay, repetition, due, key: None });
        id
    }

    fn insert(&mut self, id: u64, timer: Timer) {
        let key = self.queue.insert_at(id, timer.due);
        self.set.insert(id, Timer { key: Some(key), ..timer });
    }

    /// Take over the timers of the previous instance, up to `limit` in all; how many were dropped.
    ///
    /// A timer that this instance has already set in `init` or `restore` takes precedence: the old one with its token is
    /// dropped. If it asked for the same delay, the new one fires when the old one would have:
    /// otherwise a timer that every version sets would never fire in one that is replaced often.
    pub(in crate::plugin) fn adopt(&mut self, old: Self, limit: usize) -> usize {
        let mut own: HashMap<String, Vec<u64>> = HashMap::new();
        for (id, timer) in &self.set {
            own.entry(timer.token.clone()).or_default().push(*id);
        }
        let mut others: Vec<_> = old.set.into_iter().collect();
        others.sort_unstable_by_key(|(_, timer)| timer.due);
        let mut dropped = 0;
        let mut in_phase = HashSet::new();
        for (id, timer) in others {
            match own.get(&timer.token) {
                Some(ids) => {
                    let like_it = |id: &&u64| self.set.get(id).is_some_and(|own| own.is_like(&timer));
                    if let Some(&own) = ids.iter().find(|id| like_it(id) && !in_phase.contains(*id)) {
                        in_phase.insert(own);
                        self.move_to(own, timer.due);
                    }
                }
                None if self.set.len() >= limit => dropped += 1,
                None => self.insert(id, timer),
            }
        }
        dropped
    }

    fn move_to(&mut self, id: u64, due: Instant) {
        if let Some(mut timer) = self.set.remove(&id) {
            if let Some(key) = &timer.key {
                self.queue.remove(key);
            }
            timer.due = due;
            self.insert(id, timer);
        }
    }

    /// Cancel a timer; whether it was set.
    pub(in crate::plugin) fn cancel(&mut self, id: u64) -> bool {
        let Some(timer) = self.set.remove(&id) else { return false };
        if let Some(key) = &timer.key {
            self.queue.remove(key);
        }
        true
    }

    /// Wait for the next timer; its token. Cancel-safe.
    pub(in crate::plugin) async fn next(&mut self) -> String {
        let Some(expired) = poll_fn(|cx| self.queue.poll_expired(cx)).await else { return pending().await };
        let id = expired.into_inner();
        let timer = self.set.get_mut(&id).expect("a timer in the queue is set");
        match timer.repetition {
            Repetition::Once => self.set.remove(&id).expect("it was there").token,
            Repetition::Every => {
                timer.due = next_wakeup(timer.due, timer.delay, Instant::now());
                timer.key = Some(self.queue.insert_at(id, timer.due));
                timer.token.clone()
            }
        }
    }
}

/// The first multiple of `delay` after `due` that lies ahead: missed firings are skipped.
fn next_wakeup(due: Instant, delay: Duration, now: Instant) -> Instant {
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
    async fn they_go_to_the_next_instance() {
        let ids = HandleIds::default();
        let mut old = Timers::new(ids.clone());
        let tick = old.set(100 * MS, Repetition::Every, "tick".into());
        let later = old.set(70 * MS, Repetition::Once, "later".into());
        old.set(60 * MS, Repetition::Once, "changed".into());
        advance(50 * MS).await;
        let mut new = Timers::new(ids);
        let own_tick = new.set(100 * MS, Repetition::Every, "tick".into());
        new.set(30 * MS, Repetition::Once, "changed".into());
        assert_eq!(new.adopt(old, 10), 0);
        assert_eq!(new.len(), 3, "what it has set itself is not there twice");
        assert!(own_tick > later && own_tick > tick, "no id is given out twice");
        let start = Instant::now();
        assert_eq!(new.next().await, "later");
        assert_eq!(start.elapsed(), 20 * MS, "it is due when it was");
        assert_eq!(new.next().await, "changed");
        assert_eq!(start.elapsed(), 30 * MS, "another delay is another timer");
        assert_eq!(new.next().await, "tick");
        assert_eq!(start.elapsed(), 50 * MS, "the same delay goes on");
        assert!(new.cancel(own_tick));
        silence(&mut new, 1000 * MS).await;
    }

    #[tokio::test(start_paused = true)]
    async fn there_may_be_no_room_for_all() {
        let mut old = Timers::default();
        old.set(20 * MS, Repetition::Once, "b".into());
        old.set(10 * MS, Repetition::Once, "a".into());
        let mut new = Timers::default();
        assert_eq!(new.adopt(old, 1), 1);
        assert_eq!(new.next().await, "a");
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
