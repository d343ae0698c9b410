//! What waits for an actor, in two queues that take turns: clients at the *door*, and all else in the *mailbox*.
//!
//! Clients that connect at the same time are let in one after the other. Each is counted among the server's connections
//! already, so the door needs no bound of its own but `limits.queue_time`. Calls of clients with a stream and of
//! publishers are bounded by `limits.mailbox`, and do not wait behind clients that connect.

use std::future::poll_fn;
use std::task::{Context, Poll};

use tokio::sync::mpsc::{self, Receiver, Sender};

use super::mailbox::{Envelope, Queue};
use crate::plugin::config::MAX_MAILBOX;

/// The envelopes that one queue can hold. Calls in the mailbox have a bound of their own, `limits.mailbox`; of notifications
/// there is at most one envelope for each connection. The sender of a notification, and a client at the door, waits for room.
const MAX_ENVELOPES: usize = MAX_MAILBOX * 2;

/// The ends to write to.
pub(super) struct Senders {
    pub(super) door: Sender<Envelope>,
    pub(super) mailbox: Sender<Envelope>,
}

/// The ends to read from.
pub(super) struct Queues {
    door: Receiver<Envelope>,
    mailbox: Receiver<Envelope>,
    /// Which is read first next time.
    turn: Queue,
}

pub(super) fn queues() -> (Senders, Queues) {
    let ((door, from_door), (mailbox, from_mailbox)) = (mpsc::channel(MAX_ENVELOPES), mpsc::channel(MAX_ENVELOPES));
    (Senders { door, mailbox }, Queues { door: from_door, mailbox: from_mailbox, turn: Queue::Door })
}

impl Queues {
    /// The next envelope; none when the queues are closed and empty. Nothing is lost when this is dropped before it is
    /// ready.
    pub(super) async fn next(&mut self) -> Option<Envelope> {
        poll_fn(|context| self.poll_next(context)).await
    }

    fn poll_next(&mut self, context: &mut Context<'_>) -> Poll<Option<Envelope>> {
        let first = self.queue(self.turn).poll_recv(context);
        if let Poll::Ready(Some(envelope)) = first {
            self.turn = self.turn.other();
            return Poll::Ready(Some(envelope));
        }
        match (first, self.queue(self.turn.other()).poll_recv(context)) {
            (_, Poll::Ready(Some(envelope))) => Poll::Ready(Some(envelope)),
            (Poll::Ready(None), Poll::Ready(None)) => Poll::Ready(None),
            _ => Poll::Pending,
        }
    }

    /// The next envelope, if one waits.
    pub(super) fn take(&mut self) -> Option<Envelope> {
        if let Ok(envelope) = self.queue(self.turn).try_recv() {
            self.turn = self.turn.other();
            return Some(envelope);
        }
        self.queue(self.turn.other()).try_recv().ok()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.door.is_empty() && self.mailbox.is_empty()
    }

    /// Take no more envelopes; those that wait can still be read.
    pub(super) fn close(&mut self) {
        self.door.close();
        self.mailbox.close();
    }

    fn queue(&mut self, which: Queue) -> &mut Receiver<Envelope> {
        match which {
            Queue::Door => &mut self.door,
            Queue::Mailbox => &mut self.mailbox,
        }
    }
}

impl Queue {
    fn other(self) -> Self {
        match self {
            Self::Door => Self::Mailbox,
            Self::Mailbox => Self::Door,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_end(envelope: Option<&Envelope>) -> bool {
        matches!(envelope, Some(Envelope::End))
    }

    #[tokio::test]
    async fn door_and_mailbox_take_turns() {
        let (senders, mut queues) = queues();
        for _ in 0..100 {
            senders.door.try_send(Envelope::Notifications(Vec::new())).expect("room");
        }
        senders.mailbox.try_send(Envelope::End).expect("room");
        senders.mailbox.try_send(Envelope::End).expect("room");
        let order = [queues.next().await, queues.take(), queues.next().await, queues.take(), queues.next().await];
        assert_eq!(order.map(|envelope| is_end(envelope.as_ref())), [false, true, false, true, false]);
    }

    #[tokio::test]
    async fn one_queue_is_read_while_the_other_is_empty() {
        let (senders, mut queues) = queues();
        for _ in 0..3 {
            senders.mailbox.try_send(Envelope::End).expect("room");
        }
        for _ in 0..3 {
            assert!(is_end(queues.next().await.as_ref()));
        }
        assert!(queues.is_empty() && queues.take().is_none());
    }

    #[tokio::test]
    async fn what_is_queued_can_be_read_after_the_end() {
        let (senders, mut queues) = queues();
        senders.door.try_send(Envelope::End).expect("room");
        queues.close();
        assert!(senders.door.try_send(Envelope::End).is_err() && senders.mailbox.try_send(Envelope::End).is_err());
        assert!(is_end(queues.next().await.as_ref()));
        assert!(queues.next().await.is_none());
    }
}
