//! The task that owns one instance of a plugin. It makes the calls one after the other, replaces an instance that failed,
//! and puts one of another version in its place when it is told to.
//!
//! Callers only have a [`Handle`]: a call that has begun goes on whether or not somebody still waits for its answer.

pub(in crate::plugin) mod budget;
mod probation;
mod recycle;
mod renew;
mod throttle;
mod upgrade;

mod backoff;
mod caller;
mod checkpoint;
mod handle;
mod mailbox;
mod queues;
mod restart;
mod slot;
mod unavailable;

use std::collections::VecDeque;
use std::sync::Arc;

use tokio::sync::mpsc::Receiver;
use tokio::time::{Instant, sleep_until};

pub(super) use handle::Handle;
pub(super) use mailbox::{Call, Notification, Reply};
pub(super) use probation::{Probation, RollbackRequest, RollbackTrigger};
pub(super) use slot::SlotId;
pub(super) use unavailable::Unavailable;
pub(super) use upgrade::{PreparedUpgrade, StateSource, StateTransfer, Upgrade, restore_into};

use super::contract::Hook;
use super::runtime::failure::Failure;
use super::runtime::instance::{Instance, PendingWork, Wakeup};
use super::runtime::status::{ActorState, State};
use super::runtime::version::Version;
use crate::event::ConnectionId;
use crate::supervise::{self, Panicked};
use backoff::Backoff;
use budget::Budget;
use caller::Caller;
use checkpoint::Checkpoint;
use handle::Waiting;
use mailbox::Queue;
use mailbox::{CallOutcome, Envelope};
use queues::Queues;
use recycle::Recycling;
use throttle::Turn;
use upgrade::Control;

struct Actor {
    version: Arc<Version>,
    envelopes: Queues,
    controls: Receiver<Control>,
    waiting: Arc<Waiting>,
    life: Life,
    /// As others see it.
    state: Arc<ActorState>,
    /// It was last called by itself, for a timer or a fetch: what others have asked comes first now. So a call never
    /// waits for more than one of them, however many there are.
    mailbox_first: bool,
    /// What the plugin is to be told before anything else, and is not asked about.
    notifications: VecDeque<Notification>,
    backoff: Backoff,
    budget: Budget,
    /// It has used too much, and is not called before this time.
    quarantine: Option<Instant>,
    checkpoint: Checkpoint,
    /// What an instance that failed has begun, for one that starts from its state.
    parked: Option<PendingWork>,
    recycling: Recycling,
    probation: Arc<Probation>,
}

enum Life {
    Up(Box<Instance>),
    /// There is no instance, and there will be none before this time.
    Down(Instant),
}

/// Have an actor own an instance.
pub(super) fn spawn(instance: Instance, probation: Arc<Probation>) -> Handle {
    let version = instance.version().clone();
    Handle::new(|inbox| {
        let actor = Actor {
            envelopes: inbox.envelopes,
            controls: inbox.controls,
            waiting: inbox.waiting,
            state: inbox.state,
            life: Life::Up(Box::new(instance)),
            mailbox_first: false,
            notifications: VecDeque::new(),
            backoff: Backoff::default(),
            budget: Budget::new(version.plugin.config.limits.cpu, version.plugin.config.limits.cpu_patience),
            quarantine: None,
            checkpoint: Checkpoint::new(version.plugin.config.checkpoint),
            parked: None,
            recycling: Recycling::new(&version.plugin.config.recycle),
            probation,
            version,
        };
        supervise::spawn("plugin-actor", actor.run())
    })
}

/// What a call was about.
#[derive(Clone, Copy)]
struct About {
    hook: Hook,
    connection: Option<ConnectionId>,
    /// Who is behind it; `None` when that is the plugin, the operator, or somebody whom the operator has let in.
    caller: Option<Caller>,
}

impl About {
    /// Nobody outside is behind it.
    fn own(hook: Hook) -> Self {
        Self { hook, connection: None, caller: None }
    }

    /// It was about a stream, and is laid to it.
    fn connection(hook: Hook, id: ConnectionId) -> Self {
        Self { hook, connection: Some(id), caller: Some(Caller::Connection(id)) }
    }
}

/// What the actor does next.
enum Step {
    Read(Envelope),
    Answer(Wakeup),
    Control(Control),
    Save,
    Restart,
    /// Look again.
    Again,
    End,
}

impl Actor {
    async fn run(mut self) {
        while let Err(Panicked) = supervise::caught(self.serve()).await {
            self.panicked();
        }
        if !self.notifications.is_empty() {
            self.lost(self.notifications.len());
        }
        self.state.set(State::Stopped);
    }

    /// Do one thing after the other until all is done.
    async fn serve(&mut self) {
        loop {
            if let Ok(control) = self.controls.try_recv() {
                self.control(control).await;
                continue;
            }
            let turn = self.turn();
            if let (Turn::Call, Life::Up(instance)) = (turn, &mut self.life)
                && let Some(notification) = self.notifications.pop_front()
            {
                let outcome = notification.tell(instance).await.map(|()| CallOutcome::Well);
                self.settle(About::connection(notification.hook(), notification.connection()), &outcome).await;
                continue;
            }
            match self.next(turn).await {
                Step::Read(envelope) => self.read(envelope).await,
                Step::Answer(due) => self.answer(due).await,
                Step::Control(control) => self.control(control).await,
                Step::Save => self.save().await,
                Step::Restart => self.restart().await,
                Step::Again => {}
                Step::End => return,
            }
        }
    }

    async fn next(&mut self, turn: Turn) -> Step {
        match (turn, &mut self.life) {
            (Turn::Pause(until), _) => tokio::select! {
                Some(control) = self.controls.recv() => Step::Control(control),
                () = sleep_until(until) => Step::Again,
            },
            (Turn::Quarantine(until), _) => tokio::select! {
                envelope = self.envelopes.next() => envelope.map_or(Step::End, Step::Read),
                Some(control) = self.controls.recv() => Step::Control(control),
                () = sleep_until(until) => Step::Again,
            },

            (Turn::Call, Life::Up(instance)) => {
                if std::mem::take(&mut self.mailbox_first)
                    && let Some(envelope) = self.envelopes.take()
                {
                    return Step::Read(envelope);
                }
                let save = self.checkpoint.due();
                tokio::select! {
                    envelope = self.envelopes.next() => envelope.map_or(Step::End, Step::Read),
                    Some(control) = self.controls.recv() => Step::Control(control),
                    due = instance.next_wakeup() => Step::Answer(due),
                    () = sleep_until(save.unwrap_or_else(Instant::now)), if save.is_some() => Step::Save,
                }
            }
            (Turn::Call, Life::Down(until)) if *until <= Instant::now() => Step::Restart,
            (Turn::Call, Life::Down(until)) => tokio::select! {
                envelope = self.envelopes.next() => envelope.map_or(Step::End, Step::Read),
                Some(control) = self.controls.recv() => Step::Control(control),
                () = sleep_until(*until) => Step::Restart,
            },
        }
    }

    async fn read(&mut self, envelope: Envelope) {
        match envelope {
            Envelope::Notices(notifications) => {
                self.notifications.extend(notifications);
                self.forget_surplus();
            }
            Envelope::Call { call, since } => {
                if call.queue() == Queue::Mailbox {
                    self.waiting.one_less();
                }
                let unavailable = match (self.quarantine, &self.life) {
                    (Some(until), _) => Some(Unavailable::Down { until, state: State::Quarantined }),
                    (None, Life::Down(until)) => Some(Unavailable::Down { until: *until, state: self.state.get() }),
                    (None, Life::Up(_)) if since.elapsed() > self.version.plugin.config.limits.queue_time => {
                        self.version.plugin.metrics.limit_reached("limits.queue_time");
                        Some(Unavailable::Busy)
                    }
                    (None, Life::Up(_)) => None,
                };
                match (unavailable, &mut self.life) {
                    (None, Life::Up(instance)) => {
                        let about = About { hook: call.hook(), connection: call.connection(), caller: call.caller() };
                        let outcome = call.ask(instance).await;
                        self.settle(about, &outcome).await;
                    }
                    (why, _) => call.reject(why.unwrap_or(Unavailable::Busy)),
                }
            }
            Envelope::End => self.envelopes.close(),
        }
    }

    async fn answer(&mut self, due: Wakeup) {
        let Life::Up(instance) = &mut self.life else { return };
        self.mailbox_first = true;
        match due {
            Wakeup::Timer(token) => {
                let outcome = instance.on_timer(&token).await.map(|()| CallOutcome::Well);
                self.settle(About::own(Hook::OnTimer), &outcome).await;
            }
            // It goes on when this is dropped.
            Wakeup::Fetch(delivery) => {
                let outcome = instance.on_fetch(&delivery).await.map(|()| CallOutcome::Well);
                let (hook, connection) = (delivery.hook(), delivery.connection);
                self.settle(About { hook, connection, caller: connection.map(Caller::Connection) }, &outcome).await;
            }
        }
    }

    /// Nobody can be told anything while there is no instance, and that may last.
    fn forget_surplus(&mut self) {
        let surplus = self.notifications.len().saturating_sub(self.version.plugin.config.limits.mailbox.get());
        if surplus > 0 && (self.quarantine.is_some() || matches!(self.life, Life::Down(_))) {
            self.notifications.drain(..surplus);
            self.lost(surplus);
        }
    }

    fn lost(&self, notifications: usize) {
        let plugin = &*self.version.plugin.name;
        tracing::warn!(plugin, notifications, "plugin is down: disconnect notifications dropped");
    }

    /// Draw conclusions from how a call ended.
    async fn settle(&mut self, about: About, outcome: &Result<CallOutcome, Failure>) {
        self.charge();
        match outcome {
            Ok(outcome_of) => {
                self.backoff.succeeded();
                match outcome_of {
                    CallOutcome::Well => self.probation.succeeded(),
                    CallOutcome::Fault => self.probation.failed(about.caller),
                }
                self.checkpoint.call_succeeded();
                if let Life::Up(instance) = &self.life
                    && self.recycling.is_time(instance.memory())
                {
                    self.recycle().await;
                }
            }
            Err(failure) => self.call_failed(about, failure),
        }
    }
}
