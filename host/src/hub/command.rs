//! What the control plane asks of a shard.

use std::sync::Arc;
use std::sync::mpsc::SyncSender;
use std::time::Duration;

use super::body::BodyOwner;
use super::connection::Transport;
use super::error::CloseReason;
use super::history::SlowPolicy;
use super::keys::{Membership, RoomKey};
use super::low_watermark::Waiter;
use crate::event::{ConnectionId, Frame, Position, RoomName};

/// What to do with a connection that is in several of the rooms of one broadcast.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Duplicates {
    /// It gets the event once.
    Drop,
    /// It gets the event once for each of the rooms that it is in.
    Keep,
}

/// A room that keeps history, at the moment of a join or a leave.
#[derive(Debug)]
pub(super) struct KeptRoom {
    pub(super) name: RoomName,
    /// The last number that had been given.
    pub(super) position: Position,
}

/// Where a stream in rooms with history begins.
#[derive(Debug)]
pub(super) struct StreamStart {
    /// What its client is told first.
    pub(super) verdict: Option<Frame>,
    /// The rooms of which it gets earlier events, each with the number after which.
    pub(super) places: Vec<(RoomName, u64)>,
    /// The last number that had been given.
    pub(super) position: Position,
}

/// A broadcast to several rooms. Either none of them keeps history, or all of them do.
#[derive(Clone, Debug)]
pub(super) struct RoomsBroadcast {
    pub(super) rooms: Arc<[RoomKey]>,
    pub(super) frame: Frame,
    pub(super) except: Option<u32>,
    /// What happens to slow members, if the frame has a number.
    pub(super) slow: SlowPolicy,
    /// The other rooms, if some keep history and some do not.
    pub(super) others: Option<Box<Unnumbered>>,
}

/// The rooms of a broadcast that keep no history, and what their members get.
#[derive(Clone, Debug)]
pub(super) struct Unnumbered {
    pub(super) rooms: Arc<[RoomKey]>,
    pub(super) frame: Frame,
}

/// One entry of a shard's queue. `index` is a connection's place in the shard's table.
pub(super) enum Command {
    /// Hold what is sent to this connection until it is attached.
    Open {
        index: u32,
        id: ConnectionId,
    },
    /// The head is made: deliver.
    Attach {
        index: u32,
        transport: Transport,
        /// None where no room keeps history.
        start: Option<Box<StreamStart>>,
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
        kept: Option<Box<KeptRoom>>,
    },
    Leave {
        membership: Membership,
        kept: Option<Box<KeptRoom>>,
    },
    Broadcast {
        room: RoomKey,
        frame: Frame,
        except: Option<u32>,
        /// What happens to slow members, if the frame has a number.
        slow: SlowPolicy,
    },
    BroadcastMany {
        broadcast: RoomsBroadcast,
        duplicates: Duplicates,
    },
    /// End the connection after what was sent before.
    Close {
        index: u32,
        reason: CloseReason,
    },
    /// Notify this producer once what waits for the connection is below the low watermark.
    AwaitSpace {
        index: u32,
        waiter: Waiter,
    },
    /// The client has ended its HTTP/2 stream. The only command about a place that is sent without the directory's
    /// lock, so the place may have been given to another connection since: the id tells.
    Gone {
        owner: BodyOwner,
        reason: CloseReason,
    },
    /// A body has been read down so far that a page of history fits. Sent as [`Command::Gone`] is.
    Pull {
        owner: BodyOwner,
    },
    /// Streams that open from now on begin with this.
    Greet {
        frame: Frame,
    },
    /// End all connections, spread over this time.
    Drain {
        window: Duration,
    },
    /// Answer once all that was asked for before is done.
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
            Self::Send { frame, .. }
            | Self::Broadcast { frame, .. }
            | Self::BroadcastMany { broadcast: RoomsBroadcast { frame, .. }, .. } => frame.chunk().len(),
            _ => 0,
        };
        size_of::<Self>() + frame
    }
}
