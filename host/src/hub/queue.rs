//! The way into a shard: commands in one order, and a wake-up.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::SyncSender;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use mio::Waker;

use super::Duplicates;
use super::body::{Owner, Unread};
use super::error::CloseReason;
use super::keys::{Membership, RoomKey};
use super::low_watermark::Waiter;
use super::transport::Transport;
use crate::event::{ConnectionId, Frame};

/// What the control plane asks of a shard. `index` is a connection's place in the shard's table.
pub(super) enum Command {
    /// Keep what is sent to this connection until it is attached.
    Open {
        index: u32,
        id: ConnectionId,
    },
    /// The head is written: deliver.
    Attach {
        index: u32,
        transport: Transport,
    },
    /// An opened connection was refused: forget it.
    Forget {
        index: u32,
    },
    Send {
        index: u32,
        frame: Frame,
    },
    Join {
        index: u32,
        room: RoomKey,
    },
    Leave {
        membership: Membership,
    },
    Broadcast {
        room: RoomKey,
        frame: Frame,
        except: Option<u32>,
    },
    BroadcastMany {
        rooms: Arc<[RoomKey]>,
        frame: Frame,
        except: Option<u32>,
        duplicates: Duplicates,
    },
    /// End the connection after what was sent before.
    Close {
        index: u32,
        reason: CloseReason,
    },
    /// Tell this one when what waits for the connection has become little enough.
    AwaitSpace {
        index: u32,
        waiter: Waiter,
    },
    /// The client has ended its HTTP/2 stream. The only command about a place that is sent without the directory's
    /// lock, so the place may have been taken by another connection since: the id tells.
    Gone {
        owner: Owner,
        reason: CloseReason,
    },
    /// Streams that open from now on begin with this.
    Greet {
        frame: Frame,
    },
    /// End all connections, spread over this time.
    Drain {
        window: Duration,
    },
    /// Say so once all that was asked for before is done.
    Settle {
        done: SyncSender<()>,
    },
    /// End the thread.
    Stop,
}

impl Command {
    /// What the command holds on to while it waits, in bytes.
    pub(super) fn weight(&self) -> usize {
        let frame = match self {
            Self::Send { frame, .. } | Self::Broadcast { frame, .. } | Self::BroadcastMany { frame, .. } => {
                frame.chunk().len()
            }
            _ => 0,
        };
        size_of::<Self>() + frame
    }
}

/// What is not urgent may pile up to so many bytes before the shard is woken for it.
const PILE: usize = 256 << 10;

pub(super) struct Queue {
    commands: Mutex<Vec<Command>>,
    bytes: AtomicUsize,
    /// Whether a wake-up is under way, so that a burst costs one.
    signalled: AtomicBool,
    waker: Waker,
}

impl Queue {
    pub(super) fn new(waker: Waker) -> Self {
        Self { commands: Mutex::default(), bytes: AtomicUsize::new(0), signalled: AtomicBool::new(false), waker }
    }

    /// What waits, in bytes.
    pub(super) fn bytes(&self) -> usize {
        self.bytes.load(Ordering::Relaxed)
    }

    /// Append a command. The shard may not see it before [`Queue::wake`], or until it looks by itself.
    pub(super) fn push(&self, command: Command) {
        let waiting = self.bytes.fetch_add(command.weight(), Ordering::Relaxed);
        self.commands.lock().expect("no panic while a queue is locked").push(command);
        if waiting > PILE {
            self.wake();
        }
    }

    /// Have the shard look. Called without the directory's lock, since it is a system call.
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
        std::mem::swap(&mut *self.commands.lock().expect("no panic while a queue is locked"), into);
        self.bytes.fetch_sub(into.iter().map(Command::weight).sum(), Ordering::Relaxed);
    }
}

impl Unread for Queue {
    fn unread(&self, owner: Owner, reason: CloseReason) {
        self.push(Command::Gone { owner, reason });
        self.wake();
    }
}
