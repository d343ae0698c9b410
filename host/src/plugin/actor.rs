//! The task that owns one instance of a plugin. It makes the calls one after the other, replaces an instance that failed,
//! and puts one of another version in its place when it is told to.
//!
//! Callers only have a [`Handle`]: a call that has begun goes on whether or not somebody still waits for its answer.

mod probation;
mod supervisor;
mod throttle;
mod upgrade;

mod backoff;
mod budget;
mod caller;
mod checkpoint;
mod explain;
mod handle;
mod life;
mod mailbox;
mod notifications;
mod queues;
mod recycle;
mod slot;
mod subject;
mod transfer;
mod unavailable;

use std::sync::Arc;

use tokio::sync::mpsc::Receiver;
use tokio::time::{Instant, sleep_until};

pub(super) use handle::Handle;
pub(super) use mailbox::{Call, CallReply, Notification};
pub(super) use probation::{Probation, RollbackRequest, RollbackTrigger};
pub(super) use slot::SlotId;
pub(super) use transfer::{StateSource, StateTransfer, restore_into};
pub(super) use unavailable::Unavailable;
pub(super) use upgrade::{PreparedUpgrade, Upgrade};

use super::contract::Hook;
use super::runtime::call_error::CallError;
use super::runtime::instance::{Instance, Wakeup};
use super::runtime::status::{ActorState, State};
use crate::supervise::{self, Panicked};
use budget::Exceeded;
use handle::Waiting;
use mailbox::{CallOutcome, Envelope, Made, Queue};
use notifications::Notifications;
use queues::Queues;
use subject::Subject;
use supervisor::{Due, Supervisor};
use throttle::{Throttle, Throttled};
use upgrade::{Control, UpgradeEnd};

struct Actor {
    queues: Queues,
    controls: Receiver<Control>,
    waiting: Arc<Waiting>,
    /// As others see it.
    state: Arc<ActorState>,
    notifications: Notifications,
    supervisor: Supervisor,
    throttle: Throttle,
    precedence: Precedence,
}

/// What comes first when there are both envelopes and timers or fetches.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Precedence {
    /// They take turns.
    Either,
    /// The last call was for a timer or a fetch, so the next is from the queues: there a call never waits for more than
    /// one of those, however many there are.
    Queues,
}

/// What the actor does next.
enum NextStep {
    Read(Envelope),
    Control(Control),
    Due(Due),
    /// See what is to be done now.
    Again,
    End,
}

/// Have an actor own an instance.
pub(super) fn spawn(instance: Instance, probation: Arc<Probation>) -> Handle {
    Handle::new(|inbox| {
        let actor = Actor {
            queues: inbox.queues,
            controls: inbox.controls,
            waiting: inbox.waiting,
            state: inbox.state,
            notifications: Notifications::default(),
            throttle: Throttle::new(&instance.version().plugin.config.limits),
            supervisor: Supervisor::new(instance, probation),
            precedence: Precedence::Either,
        };
        supervise::spawn("plugin-actor", actor.run())
    })
}

impl Actor {
    async fn run(mut self) {
        while let Err(Panicked) = supervise::caught(self.serve()).await {
            self.supervisor.panicked();
        }
        self.drop_notifications(0);
        self.state.set(State::Stopped);
    }

    /// Do one thing after the other until all is done.
    async fn serve(&mut self) {
        loop {
            self.show_state();
            if let Ok(control) = self.controls.try_recv() {
                self.control(control).await;
                continue;
            }
            let throttled = self.throttled();
            if let (Throttled::No, Ok(instance)) = (throttled, self.supervisor.instance())
                && let Some(notification) = self.notifications.next()
            {
                let outcome = notification.make(instance).await.map(|()| CallOutcome::Ok);
                self.call_ended(notification.subject(), &outcome).await;
                continue;
            }
            match self.next(throttled).await {
                NextStep::Read(envelope) => self.read(envelope).await,
                NextStep::Control(control) => self.control(control).await,
                NextStep::Due(Due::Wakeup(wakeup)) => self.wake(wakeup).await,
                NextStep::Due(Due::Checkpoint) => self.save_checkpoint().await,
                NextStep::Due(Due::Restart) => self.restart().await,
                NextStep::Again => {}
                NextStep::End => return,
            }
        }
    }

    async fn next(&mut self, throttled: Throttled) -> NextStep {
        match throttled {
            Throttled::Pause(until) => tokio::select! {
                Some(control) = self.controls.recv() => NextStep::Control(control),
                () = sleep_until(until) => NextStep::Again,
            },
            // The queues are read, since what waits in them is rejected.
            Throttled::Quarantine(until) => tokio::select! {
                envelope = self.queues.next() => envelope.map_or(NextStep::End, NextStep::Read),
                Some(control) = self.controls.recv() => NextStep::Control(control),
                () = sleep_until(until) => NextStep::Again,
            },
            Throttled::No if self.supervisor.must_restart() => NextStep::Due(Due::Restart),
            Throttled::No => {
                if std::mem::replace(&mut self.precedence, Precedence::Either) == Precedence::Queues
                    && let Some(envelope) = self.queues.take()
                {
                    return NextStep::Read(envelope);
                }
                tokio::select! {
                    envelope = self.queues.next() => envelope.map_or(NextStep::End, NextStep::Read),
                    Some(control) = self.controls.recv() => NextStep::Control(control),
                    due = self.supervisor.due() => NextStep::Due(due),
                }
            }
        }
    }

    async fn read(&mut self, envelope: Envelope) {
        match envelope {
            Envelope::Notifications(notifications) => {
                self.notifications.add(notifications);
                // While the plugin is down they cannot be delivered, and that may last.
                if self.throttle.quarantined().is_some() || self.supervisor.instance().is_err() {
                    let max = self.supervisor.version().plugin.config.limits.mailbox.get();
                    self.drop_notifications(max);
                }
            }
            Envelope::Call { call, since } => {
                if call.queue() == Queue::Mailbox {
                    self.waiting.one_less();
                }
                match self.callable(since) {
                    Ok(instance) => {
                        let Made { subject, outcome } = call.make(instance).await;
                        self.call_ended(subject, &outcome).await;
                    }
                    Err(why) => call.reject(why),
                }
            }
            Envelope::End => self.queues.close(),
        }
    }

    /// The instance for a call that has waited since then.
    fn callable(&mut self, since: Instant) -> Result<&mut Instance, Unavailable> {
        if let Some(until) = self.throttle.quarantined() {
            return Err(Unavailable::Down { until, state: State::Quarantined });
        }
        let plugin = &self.supervisor.version().plugin;
        // While it is down, callers are told so instead.
        if self.supervisor.state() == State::Running && since.elapsed() > plugin.config.limits.queue_time {
            plugin.metrics.limit_reached("limits.queue_time");
            return Err(Unavailable::Busy);
        }
        self.supervisor.instance()
    }

    async fn wake(&mut self, wakeup: Wakeup) {
        let Ok(instance) = self.supervisor.instance() else { return };
        self.precedence = Precedence::Queues;
        match wakeup {
            Wakeup::Timer(token) => {
                let outcome = instance.on_timer(&token).await.map(|()| CallOutcome::Ok);
                self.call_ended(Subject::plugin(Hook::OnTimer), &outcome).await;
            }
            // The fetch goes on when this is dropped.
            Wakeup::Fetch(delivery) => {
                let outcome = instance.on_fetch(&delivery).await.map(|()| CallOutcome::Ok);
                let (hook, connection) = (delivery.hook(), delivery.connection);
                let subject = connection.map_or(Subject::plugin(hook), |id| Subject::connection(hook, id));
                self.call_ended(subject, &outcome).await;
            }
        }
    }

    async fn call_ended(&mut self, subject: Subject, outcome: &Result<CallOutcome, CallError>) {
        self.supervisor.call_ended(subject, outcome).await;
        self.charge();
    }

    async fn control(&mut self, control: Control) {
        match control {
            Control::Prepare(upgrade, prepared) => {
                if upgrade.run(&mut self.supervisor, prepared).await == UpgradeEnd::Committed {
                    self.throttle = Throttle::new(&self.supervisor.version().plugin.config.limits);
                    return;
                }
            }
            Control::Crash => self.supervisor.crash(),
            // The receiver is dropped when the reload was given up.
            Control::Copy(reply) => _ = reply.send(self.supervisor.save().await),
        }
        self.charge();
    }

    async fn save_checkpoint(&mut self) {
        if !self.queues.is_empty() && self.supervisor.checkpoint_can_wait() {
            return tokio::task::yield_now().await;
        }
        self.supervisor.save_checkpoint().await;
        self.charge();
    }

    /// Start an instance. That is given up when another version is to take over, which need not wait for an `init` that
    /// does not end.
    async fn restart(&mut self) {
        tokio::select! {
            Some(control) = self.controls.recv() => self.control(control).await,
            () = self.supervisor.restart() => {}
        }
    }

    /// Whether a call may be made now.
    fn throttled(&mut self) -> Throttled {
        let plugin = &self.supervisor.version().plugin;
        if self.throttle.release() {
            tracing::info!(plugin = &*plugin.name, "the quarantine is over");
            self.show_state();
        }
        let throttled = self.throttle.check();
        if matches!(throttled, Throttled::Pause(_)) {
            self.supervisor.version().plugin.metrics.held_back.increment(1);
        }
        throttled
    }

    /// Take what was used off the budget.
    fn charge(&mut self) {
        if self.throttle.charge(self.supervisor.take_cpu()) == Exceeded::No {
            return;
        }
        let version = self.supervisor.version();
        let limits = &version.plugin.config.limits;
        let time = humantime::format_duration(limits.quarantine);
        let patience = humantime::format_duration(limits.cpu_patience);
        let why =
            format!("it has used more than `limits.cpu` = {} for {patience}, and is not called for {time}", limits.cpu);
        tracing::error!(plugin = &*version.plugin.name, generation = version.generation, "quarantine: {why}");
        version.plugin.metrics.limit_reached("limits.cpu");
        version.plugin.progress.failed(why);
    }

    /// Drop the oldest notifications beyond so many.
    fn drop_notifications(&mut self, max: usize) {
        let notifications = self.notifications.truncate(max);
        if notifications > 0 {
            let plugin = &*self.supervisor.version().plugin.name;
            tracing::warn!(plugin, notifications, "plugin is down: disconnect notifications dropped");
        }
    }

    fn show_state(&self) {
        self.state.set(match self.throttle.quarantined() {
            Some(_) => State::Quarantined,
            None => self.supervisor.state(),
        });
    }
}
