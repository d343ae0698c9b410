//! What the control plane asks of a shard.

use std::sync::Arc;
use std::sync::mpsc::SyncSender;
use std::time::Duration;

use super::body::BodyOwner;
use super::connection::Transport;
use super::error::CloseReason;
use super::keys::{Membership, RoomKey};
use super::low_watermark::Waiter;
use crate::event::{ConnectionId, Frame};

/// What to do with a connection that is in several of the rooms of one broadcast.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Duplicates {
    /// It gets the event once.
    Drop,
    /// It gets the event once for each of the rooms that it is in.
    Keep,
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
            Self::Send { frame, .. } | Self::Broadcast { frame, .. } | Self::BroadcastMany { frame, .. } => {
                frame.chunk().len()
            }
            _ => 0,
        };
        size_of::<Self>() + frame
    }
}
