//! The way into a shard: commands in one order, and a wake-up.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use mio::Waker;

use super::body::{BodyOwner, Unread};
use super::command::Command;
use super::error::CloseReason;
use crate::lock::lock;

/// How many bytes of commands that are not urgent may wait before the shard is woken for them.
const LAZY_WAKE_BYTES: usize = 256 << 10;

pub(super) struct CommandQueue {
    commands: Mutex<Vec<Command>>,
    bytes: AtomicUsize,
    /// Whether a wake-up is under way, so that a burst costs one.
    signalled: AtomicBool,
    waker: Waker,
}

impl CommandQueue {
    pub(super) fn new(waker: Waker) -> Self {
        Self { commands: Mutex::default(), bytes: AtomicUsize::new(0), signalled: AtomicBool::new(false), waker }
    }

    /// What waits, in bytes.
    pub(super) fn bytes(&self) -> usize {
        self.bytes.load(Ordering::Relaxed)
    }

    /// Append a command. The shard sees it after [`CommandQueue::wake`], or when it is awake for another reason.
    pub(super) fn push(&self, command: Command) {
        let waiting = self.bytes.fetch_add(command.weight(), Ordering::Relaxed);
        lock(&self.commands).push(command);
        if waiting > LAZY_WAKE_BYTES {
            self.wake();
        }
    }

    /// Wake the shard. Called without the directory's lock, since it is a system call.
    pub(super) fn wake(&self) {
        if !self.signalled.swap(true, Ordering::AcqRel) {
            // An eventfd write fails only when its counter is full, and then the shard is awake anyway.
            let _ = self.waker.wake();
        }
    }

    /// Take all that waits into `into`, which must be empty; its capacity is used again.
    pub(super) fn drain(&self, into: &mut Vec<Command>) {
        // Before the commands are taken: what is pushed after this wakes the shard again.
        self.signalled.store(false, Ordering::Release);
        std::mem::swap(&mut *lock(&self.commands), into);
        self.bytes.fetch_sub(into.iter().map(Command::weight).sum(), Ordering::Relaxed);
    }
}

impl Unread for CommandQueue {
    fn unread(&self, owner: BodyOwner, reason: CloseReason) {
        self.push(Command::Gone { owner, reason });
        self.wake();
    }

    fn read_down(&self, owner: BodyOwner) {
        self.push(Command::Pull { owner });
        self.wake();
    }
}
