//! What an operator can set about the hub, and every bound with its default.

use std::num::NonZeroUsize;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::address::Ipv6Prefix;
use crate::event::{InvalidRoom, RoomName};
use crate::units;

/// The `[hub]` table: rooms, keepalive and threads.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// The room that every connection joins before anything else; empty for none.
    pub auto_join_room: String,
    /// After this much silence a stream gets a keepalive; `"0s"` turns keepalives off.
    #[serde(with = "units::duration")]
    pub keepalive: Duration,
    /// Send the keepalive as an event of this type (with empty data) in place of the comment `: ping`, which page code
    /// cannot see. Empty for the comment.
    pub keepalive_event: String,
    /// A connection that takes no bytes for this long is ended.
    #[serde(serialize_with = "units::period::serialize", deserialize_with = "units::period::at_most::<86400, _>")]
    pub write_timeout: Duration,
    /// Threads that deliver events; each owns its share of the sockets.
    pub shards: NonZeroUsize,
}

impl Config {
    /// The most shards that there can be: a set of them is a number with a bit for each.
    pub(crate) const MAX_SHARDS: NonZeroUsize = NonZeroUsize::new(64).expect("not zero");

    /// The room that every connection joins first.
    pub(super) fn auto_join(&self) -> Result<Option<RoomName>, InvalidRoom> {
        (!self.auto_join_room.is_empty()).then(|| RoomName::new(&self.auto_join_room)).transpose()
    }
}

impl Default for Config {
    fn default() -> Self {
        Self {
            auto_join_room: "__all".into(),
            keepalive: Duration::from_secs(15),
            keepalive_event: String::new(),
            write_timeout: Duration::from_secs(10),
            shards: std::thread::available_parallelism().map_or(NonZeroUsize::MIN, |cores| cores.min(Self::MAX_SHARDS)),
        }
    }
}

/// The `[limits]` table: what the hub holds at most.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct HubLimits {
    /// Open streams.
    #[serde(with = "units::count")]
    pub connections: usize,
    /// Open streams of one client address.
    #[serde(with = "units::count")]
    pub connections_per_address: usize,
    /// What is one client address; its key is `server.ipv6_prefix`.
    #[serde(skip)]
    pub ipv6_prefix: Ipv6Prefix,
    /// Rooms that exist at once.
    #[serde(with = "units::count")]
    pub rooms: usize,
    /// Rooms that one connection is in, the auto-join room among them.
    #[serde(with = "units::count")]
    pub rooms_per_connection: usize,
    /// One encoded event.
    #[serde(serialize_with = "units::size::serialize", deserialize_with = "units::size::at_least::<64, _>")]
    pub event_bytes: usize,
    /// The text that a plugin attaches to a connection.
    #[serde(with = "units::size")]
    pub tag_bytes: usize,
    /// What may wait for one connection that reads slowly; the event that reaches the bound may go beyond it.
    #[serde(serialize_with = "units::size::serialize", deserialize_with = "units::size::at_least::<1024, _>")]
    pub outbox_bytes: usize,
    /// How many events may wait for one connection that reads slowly.
    #[serde(with = "units::count")]
    pub outbox_frames: usize,
    /// The kernel's send buffer of one connection (`SO_SNDBUF`; the kernel doubles it for its own bookkeeping).
    #[serde(
        serialize_with = "units::size::serialize",
        deserialize_with = "units::size::within::<1024, 1073741824, _>"
    )]
    pub send_buffer: usize,
    /// What may wait for one shard before publishers are turned away.
    #[serde(serialize_with = "units::size::serialize", deserialize_with = "units::size::at_least::<4096, _>")]
    pub queue_bytes: usize,
    /// What all rooms keep of their events, together; beyond it the oldest of all go.
    #[serde(serialize_with = "units::size::serialize", deserialize_with = "units::size::at_least::<4096, _>")]
    pub history_bytes: usize,
    /// Rooms that keep events, and as many of which is remembered that they have none any more.
    #[serde(with = "units::count")]
    pub history_rooms: usize,
    /// What a client may send after its request before it is cut off.
    #[serde(serialize_with = "units::size::serialize", deserialize_with = "units::size::within::<0, 1073741824, _>")]
    pub input_bytes: usize,
}

impl Default for HubLimits {
    fn default() -> Self {
        Self {
            connections: 100_000,
            connections_per_address: 1_000,
            ipv6_prefix: Ipv6Prefix::default(),
            rooms: 100_000,
            rooms_per_connection: 100,
            event_bytes: 256 << 10,
            tag_bytes: 1 << 10,
            outbox_bytes: 256 << 10,
            outbox_frames: 1_024,
            send_buffer: 32 << 10,
            queue_bytes: 64 << 20,
            history_bytes: 256 << 20,
            history_rooms: 100_000,
            input_bytes: 64 << 10,
        }
    }
}
