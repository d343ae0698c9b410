//! Connections of a hub over pairs of sockets: everything that a shard does, down to the call into the kernel, with the
//! cheapest socket behind it.

#![allow(dead_code, reason = "each bench has this as a module of its own, and uses some of it")]

use std::io::{ErrorKind, Read as _};
use std::net::{SocketAddr, TcpStream};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::time::Duration;

use bytes::Bytes;
use roomcast::event::{ConnectionId, Encoded, Event, Numbering, RoomName};
use roomcast::hub::{Accepted, Admitted, Config, Departure, Framing, Hub, HubLimits, Transport};
use tokio::runtime::Runtime;
use tokio::sync::mpsc::UnboundedReceiver;

/// Bytes of an event's data.
const DATA: usize = 100;
/// Nothing happens by the clock within a bench.
const NEVER: Duration = Duration::from_secs(24 * 3600);

/// The connections, and the ends that a client would have.
pub(crate) struct Crowd {
    pub(crate) hub: Hub,
    pub(crate) ids: Vec<ConnectionId>,
    clients: Vec<UnixStream>,
    runtime: Runtime,
    /// Who has left.
    pub(crate) departures: UnboundedReceiver<Departure>,
}

impl Crowd {
    /// This many, on one shard, in no room but that of all.
    pub(crate) fn new(members: usize) -> Self {
        let mut crowd = Self::of_hub(members);
        for _ in 0..members {
            let pending = crowd.hub.open(peer()).expect("a place");
            crowd.attach(pending.admit(Accepted::BY_NOBODY));
        }
        crowd.delivered();
        crowd.read();
        crowd
    }

    /// Nobody, and a shard that has ended: what is asked of it is kept, and it takes no part in what is counted.
    pub(crate) fn stopped() -> Self {
        let crowd = Self::of_hub(0);
        crowd.hub.stop();
        crowd
    }

    fn of_hub(members: usize) -> Self {
        let config = Config {
            shards: std::num::NonZeroUsize::MIN,
            keepalive: Duration::ZERO,
            write_timeout: NEVER,
            ..Config::default()
        };
        let limits =
            HubLimits { connections: members + 10, connections_per_address: members + 10, ..HubLimits::default() };
        let (hub, departures) = Hub::start(&config, limits).expect("a hub");
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
        Self { hub, ids: Vec::new(), clients: Vec::new(), runtime, departures }
    }

    /// Give one more its stream.
    pub(crate) fn attach(&mut self, connection: Admitted) -> ConnectionId {
        let (server, client) = UnixStream::pair().expect("a pair of sockets; `ulimit -n` allows two for each member");
        for socket in [&server, &client] {
            socket.set_nonblocking(true).expect("a socket that can be set");
        }
        let id = connection.id();
        let stream = TcpStream::from(OwnedFd::from(server));
        drop(connection.attach(Transport::Socket {
            stream,
            framing: Framing::Chunked,
            head: Bytes::from_static(b"head"),
        }));
        self.ids.push(id);
        self.clients.push(client);
        id
    }

    /// Wait until everything that was sent before has been written.
    pub(crate) fn delivered(&self) {
        let last = *self.ids.last().expect("the crowd is not empty");
        let space = async { self.hub.follow(last).ok()?.space().await };
        self.runtime.block_on(space).expect("the connection is open, and its client reads");
    }

    /// Let the clients read what has come.
    pub(crate) fn read(&mut self) {
        let mut buffer = [0; 16 << 10];
        for client in &mut self.clients {
            loop {
                match client.read(&mut buffer) {
                    Ok(count) => assert_ne!(count, 0, "the stream was closed"),
                    Err(why) if why.kind() == ErrorKind::WouldBlock => break,
                    Err(why) => panic!("reading a stream: {why}"),
                }
            }
        }
    }
}

impl Drop for Crowd {
    fn drop(&mut self) {
        self.hub.stop();
    }
}

/// The address of every client.
pub(crate) fn peer() -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], 1))
}

/// The room of all connections.
pub(crate) fn common_room() -> RoomName {
    room(&Config::default().auto_join_room)
}

/// A room.
pub(crate) fn room(name: &str) -> RoomName {
    RoomName::new(name).expect("a room's name")
}

/// An event as most are.
pub(crate) fn event() -> Event {
    Event { data: "x".repeat(DATA), id: Some("e.1234567".into()), event: Some("chat".into()), ..Event::default() }
}

/// The same, encoded. Two of them are two events.
pub(crate) fn encoded() -> Encoded {
    Encoded::event(&event(), HubLimits::default().event_bytes, Numbering::Never).expect("a valid event")
}
