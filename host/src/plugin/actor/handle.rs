//! The handle by which others reach an actor.

use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::sync::mpsc::{self, Receiver, Sender, error::TrySendError};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::{Instant, timeout};

use super::mailbox::{Call, CallReply, Envelope, Notification, Queue};
use super::queues::{Queues, Senders, queues};
use super::unavailable::Unavailable;
use super::upgrade::{Control, PreparedUpgrade, Upgrade};
use crate::lock::lock;
use crate::plugin::runtime::instance::SavedState;
use crate::plugin::runtime::load_error::Problem;
use crate::plugin::runtime::status::{ActorState, State};
use crate::plugin::runtime::version::Version;

/// How many controls may wait; they come from the coordinator alone, which does one thing after the other.
const MAX_CONTROLS: usize = 1;
/// How long an actor may take to prepare an upgrade. It first ends the call that it is in, and each call has a deadline
/// of its own; this is for none of them being kept.
const PREPARE_TIMEOUT: Duration = Duration::from_secs(60);

/// One instance of a plugin, whichever version it is of, as others call it.
pub(in crate::plugin) struct Handle {
    senders: Senders,
    controls: Sender<Control>,
    waiting: Arc<Waiting>,
    state: Arc<ActorState>,
    task: Mutex<Option<JoinHandle<()>>>,
}

/// The actor's ends of its channels.
pub(super) struct Inbox {
    pub(super) queues: Queues,
    pub(super) controls: Receiver<Control>,
    pub(super) waiting: Arc<Waiting>,
    pub(super) state: Arc<ActorState>,
}

/// How many calls wait in the mailbox.
#[derive(Default)]
pub(super) struct Waiting(AtomicUsize);

impl Waiting {
    /// One was taken out.
    pub(super) fn one_less(&self) {
        self.0.fetch_sub(1, Relaxed);
    }

    /// Whether there was room for one more.
    fn one_more(&self, limit: usize) -> bool {
        let room = self.0.fetch_add(1, Relaxed) < limit;
        if !room {
            self.one_less();
        }
        room
    }
}

impl Handle {
    pub(super) fn new(spawn: impl FnOnce(Inbox) -> JoinHandle<()>) -> Self {
        let (senders, queues) = queues();
        let (controls, given) = mpsc::channel(MAX_CONTROLS);
        let (waiting, state) = (Arc::new(Waiting::default()), Arc::new(ActorState::new()));
        let inbox = Inbox { queues, controls: given, waiting: waiting.clone(), state: state.clone() };
        Self { senders, controls, waiting, state, task: Mutex::new(Some(spawn(inbox))) }
    }

    /// What the instance is doing.
    pub(in crate::plugin) fn state(&self) -> State {
        self.state.get()
    }

    /// Make a call, and wait for its answer. Calls for the door wait for room; all others are rejected when the mailbox is
    /// full. `version` is the one whose limits hold.
    pub(in crate::plugin) async fn ask<T>(
        &self,
        version: &Version,
        call: impl FnOnce(CallReply<T>) -> Call,
    ) -> Result<T, Unavailable> {
        let (reply, answer) = oneshot::channel();
        let call = call(reply);
        let queue = call.queue();
        let envelope = Envelope::Call { call, since: Instant::now() };
        match queue {
            Queue::Door => self.queue_up(version, envelope).await?,
            Queue::Mailbox => self.post(version, envelope)?,
        }
        answer.await.unwrap_or_else(|_| Err(self.unanswered()))
    }

    /// Queue the call of a client at the door.
    async fn queue_up(&self, version: &Version, envelope: Envelope) -> Result<(), Unavailable> {
        match timeout(version.plugin.config.limits.queue_time, self.senders.door.send(envelope)).await {
            Ok(sent) => sent.map_err(|_| Unavailable::Ended),
            Err(_) => {
                version.plugin.metrics.limit_reached("limits.queue_time");
                Err(Unavailable::Busy)
            }
        }
    }

    /// Put a call into the mailbox, if it has room.
    fn post(&self, version: &Version, envelope: Envelope) -> Result<(), Unavailable> {
        if !self.waiting.one_more(version.plugin.config.limits.mailbox.get()) {
            version.plugin.metrics.mailbox_full.increment(1);
            return Err(Unavailable::Busy);
        }
        self.senders.mailbox.try_send(envelope).map_err(|why| {
            self.waiting.one_less();
            match why {
                TrySendError::Full(_) => Unavailable::Busy,
                TrySendError::Closed(_) => Unavailable::Ended,
            }
        })
    }

    /// Why a call that was queued has no answer: the actor has ended, or the host has panicked in it.
    fn unanswered(&self) -> Unavailable {
        if self.senders.mailbox.is_closed() { Unavailable::Ended } else { Unavailable::Failed(None) }
    }

    /// Notify it, waiting for room in the mailbox.
    ///
    /// # Errors
    /// Gives the notifications back when the actor has ended.
    pub(in crate::plugin) async fn tell(&self, notifications: Vec<Notification>) -> Result<(), Vec<Notification>> {
        self.senders.mailbox.send(Envelope::Notifications(notifications)).await.map_err(|refused| match refused.0 {
            Envelope::Notifications(notifications) => notifications,
            Envelope::Call { .. } | Envelope::End => Vec::new(),
        })
    }

    /// Have it prepare an upgrade. It makes no call from then on, until that is committed or dropped.
    ///
    /// # Errors
    /// Why there is none to be committed; then it goes on as it was.
    pub(in crate::plugin) async fn prepare(&self, upgrade: Upgrade) -> Result<PreparedUpgrade, Problem> {
        let answer = self.control(|prepared| Control::Prepare(upgrade, prepared)).await;
        timeout(PREPARE_TIMEOUT, answer).await.unwrap_or(Ok(Err(Problem::NoAnswer))).unwrap_or(Err(Problem::NoAnswer))
    }

    /// A copy of the state.
    ///
    /// # Errors
    /// When the plugin fails to save it.
    pub(in crate::plugin) async fn copy_state(&self) -> Result<Option<SavedState>, Problem> {
        self.control(Control::Copy).await.await.unwrap_or(Err(Problem::NoAnswer))
    }

    /// Have the instance fail as if a call had trapped.
    pub(in crate::plugin) async fn crash(&self) {
        let _ = self.controls.send(Control::Crash).await;
    }

    async fn control<T>(&self, control: impl FnOnce(oneshot::Sender<T>) -> Control) -> oneshot::Receiver<T> {
        let (reply, answer) = oneshot::channel();
        // An actor that has ended drops the reply, which the receiver sees.
        let _ = self.controls.send(control(reply)).await;
        answer
    }

    /// Let it finish what is queued, and end it.
    pub(in crate::plugin) async fn end(&self) {
        let _ = self.senders.mailbox.send(Envelope::End).await;
        let task = lock(&self.task).take();
        if let Some(task) = task {
            // A panic was reported when it happened.
            let _ = task.await;
        }
    }
}
