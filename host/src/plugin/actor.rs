//! The task that owns a plugin's instance. It makes the calls one after the other, and replaces an instance that failed.
//!
//! Callers only have a [`Handle`]: a call that has begun goes on whether or not somebody still waits for its answer.

mod backoff;
mod handle;
mod mailbox;

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc::Receiver;
use tokio::time::{Instant, sleep_until};

pub(super) use handle::{Handle, Unavailable};
pub(super) use mailbox::{Notice, Question};

use super::failure::Failure;
use super::hooks::Hook;
use super::instance::Instance;
use super::load_error::LoadError;
use super::log::{Rate, Turn};
use super::version::Version;
use crate::event::ConnectionId;
use backoff::Backoff;
use mailbox::Letter;

/// How many failures a second are told in the log.
const FAILURES_LOGGED: u32 = 5;

struct Actor {
    version: Arc<Version>,
    mailbox: Receiver<Letter>,
    life: Life,
    /// What the plugin is to be told before anything else, and is not asked about.
    notices: VecDeque<Notice>,
    backoff: Backoff,
    failures: Rate,
}

enum Life {
    Up(Box<Instance>),
    /// There is no instance, and there will be none before this time.
    Down(Instant),
}

/// Start a plugin: its first instance, and the task that owns it.
pub(super) async fn start(version: Version) -> Result<Handle, LoadError> {
    let version = Arc::new(version);
    let instance = Instance::start(&version).await.map_err(|problem| LoadError::new(&version.name, problem))?;
    version.progress.started();
    Ok(Handle::new(version.clone(), |mailbox| {
        let actor = Actor {
            version,
            mailbox,
            life: Life::Up(Box::new(instance)),
            notices: VecDeque::new(),
            backoff: Backoff::default(),
            failures: Rate::new(FAILURES_LOGGED),
        };
        tokio::spawn(actor.run())
    }))
}

/// What the actor does next.
enum Step {
    Read(Letter),
    Fire(String),
    Restart,
    End,
}

impl Actor {
    async fn run(mut self) {
        loop {
            if let Life::Up(instance) = &mut self.life
                && let Some(notice) = self.notices.pop_front()
            {
                let outcome = notice.tell(instance).await;
                self.settle(notice.hook(), Some(notice.connection()), &outcome);
                continue;
            }
            match self.next().await {
                Step::Read(letter) => self.read(letter).await,
                Step::Fire(token) => {
                    if let Life::Up(instance) = &mut self.life {
                        let outcome = instance.on_timer(&token).await;
                        self.settle(Hook::OnTimer, None, &outcome);
                    }
                }
                Step::Restart => self.restart().await,
                Step::End => break,
            }
        }
        if !self.notices.is_empty() {
            self.lost(self.notices.len());
        }
        self.version.progress.stopped();
    }

    async fn next(&mut self) -> Step {
        match &mut self.life {
            Life::Up(instance) => tokio::select! {
                letter = self.mailbox.recv() => letter.map_or(Step::End, Step::Read),
                token = instance.next_timer() => Step::Fire(token),
            },
            Life::Down(until) if *until <= Instant::now() => Step::Restart,
            Life::Down(until) => tokio::select! {
                letter = self.mailbox.recv() => letter.map_or(Step::End, Step::Read),
                () = sleep_until(*until) => Step::Restart,
            },
        }
    }

    async fn read(&mut self, letter: Letter) {
        match letter {
            Letter::Notices(notices) => {
                self.notices.extend(notices);
                self.forget_surplus();
            }
            Letter::Question { question, since } => {
                let limits = &self.version.limits;
                match &mut self.life {
                    Life::Down(until) => question.decline(Unavailable::Down { until: *until }),
                    Life::Up(_) if since.elapsed() > limits.queue_time => question.decline(Unavailable::Busy),
                    Life::Up(instance) => {
                        let (hook, connection) = (question.hook(), question.connection());
                        let outcome = question.ask(instance).await;
                        self.settle(hook, connection, &outcome);
                    }
                }
            }
            Letter::End => self.mailbox.close(),
        }
    }

    /// Nobody can be told anything while there is no instance, and that may last.
    fn forget_surplus(&mut self) {
        let surplus = self.notices.len().saturating_sub(self.version.limits.mailbox.get());
        if surplus > 0 && matches!(self.life, Life::Down(_)) {
            self.notices.drain(..surplus);
            self.lost(surplus);
        }
    }

    fn lost(&self, notices: usize) {
        let plugin = &*self.version.name;
        tracing::warn!(plugin, notices, "the plugin does not run, and will not be told who has left");
    }

    /// Draw conclusions from how a call ended.
    fn settle(&mut self, hook: Hook, connection: Option<ConnectionId>, outcome: &Result<(), Failure>) {
        match outcome {
            Ok(()) => self.backoff.succeeded(),
            Err(failure) => {
                let delay = self.backoff.call_failed();
                self.down(delay, failure.to_string(), |plugin, left_out, why| {
                    let (hook, connection) = (hook.name(), connection.map(tracing::field::display));
                    tracing::warn!(
                        plugin,
                        hook,
                        connection,
                        left_out,
                        "a call failed, and the plugin gets a new instance: {why}"
                    );
                });
            }
        }
    }

    /// There is no instance any more.
    fn down(&mut self, delay: Duration, why: String, tell: impl FnOnce(&str, Option<u64>, &str)) {
        if let Turn::Yes { left_out } = self.failures.turn() {
            tell(&self.version.name, (left_out > 0).then_some(left_out), &why);
        }
        self.version.progress.failed(why);
        self.life = Life::Down(Instant::now() + delay);
    }

    async fn restart(&mut self) {
        match Instance::start(&self.version).await {
            Ok(instance) => {
                self.version.progress.started();
                self.life = Life::Up(Box::new(instance));
            }
            Err(problem) => {
                let delay = self.backoff.start_failed();
                self.down(delay, problem.to_string(), |plugin, left_out, why| {
                    let delay = humantime::format_duration(delay);
                    tracing::warn!(plugin, left_out, "no new instance, another try in {delay}: {why}");
                });
            }
        }
    }
}
