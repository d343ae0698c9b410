//! What fails while a version serves. It is no fault of the version that comes after it.

use std::collections::HashMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::time::Duration;

use strum::EnumCount;
use tokio::time::Instant;

use crate::lock::lock;
use crate::plugin::actor::subject::MessageHash;
use crate::plugin::contract::Hook;

/// For how long a message that failed is remembered.
const MEMORY: Duration = Duration::from_secs(600);
/// How many messages are remembered; of more than that, the first.
const MAX_MESSAGES: usize = 1024;

/// The failures of one version. A successful call costs it one read.
#[derive(Default)]
pub(super) struct Record {
    /// For each hook, how many of its calls have failed since the last one that succeeded.
    in_a_row: [AtomicU32; Hook::COUNT],
    messages: Mutex<HashMap<MessageHash, Instant>>,
}

impl Record {
    pub(super) fn succeeded(&self, hook: Hook) {
        let in_a_row = &self.in_a_row[hook as usize];
        // Not written to by each call, since all instances share it.
        if in_a_row.load(Relaxed) > 0 {
            in_a_row.store(0, Relaxed);
        }
    }

    pub(super) fn failed(&self, hook: Hook, message: Option<MessageHash>) {
        self.in_a_row[hook as usize].fetch_add(1, Relaxed);
        if let Some(message) = message {
            let (mut messages, now) = (lock(&self.messages), Instant::now());
            if messages.len() >= MAX_MESSAGES {
                messages.retain(|_, at| now.duration_since(*at) < MEMORY);
            }
            if messages.len() < MAX_MESSAGES {
                messages.insert(message, now);
            }
        }
    }

    /// How many of the hook's latest calls have failed without one that succeeded.
    pub(super) fn in_a_row(&self, hook: Hook) -> u32 {
        self.in_a_row[hook as usize].load(Relaxed)
    }

    /// Whether a message has failed within the last minutes.
    pub(super) fn has_failed(&self, message: MessageHash) -> bool {
        lock(&self.messages).get(&message).is_some_and(|at| at.elapsed() < MEMORY)
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::advance;

    use super::*;

    #[test]
    fn a_success_ends_a_row_of_failures_of_its_hook() {
        let record = Record::default();
        for _ in 0..3 {
            record.failed(Hook::OnMessage, None);
            record.failed(Hook::OnTimer, None);
        }
        record.succeeded(Hook::OnTimer);
        assert_eq!([Hook::OnMessage, Hook::OnTimer].map(|hook| record.in_a_row(hook)), [3, 0]);
    }

    #[tokio::test(start_paused = true)]
    async fn messages_that_failed_are_remembered_for_a_while() {
        let (record, [first, second]) = (Record::default(), [b"first", b"other"].map(|body| MessageHash::of(body)));
        record.failed(Hook::OnMessage, Some(first));
        assert_eq!([first, second].map(|message| record.has_failed(message)), [true, false]);
        advance(MEMORY).await;
        assert!(!record.has_failed(first));
    }

    #[tokio::test(start_paused = true)]
    async fn messages_are_remembered_up_to_a_limit() {
        let (record, message) = (Record::default(), |number: usize| MessageHash::of(&number.to_be_bytes()));
        (0..MAX_MESSAGES + 5).for_each(|number| record.failed(Hook::OnMessage, Some(message(number))));
        assert_eq!(lock(&record.messages).len(), MAX_MESSAGES);
        advance(MEMORY).await;
        record.failed(Hook::OnMessage, Some(message(0)));
        assert_eq!(lock(&record.messages).len(), 1, "what is too old makes room");
    }
}
