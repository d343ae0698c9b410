use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::time::Duration;

use mio::Poll;

use super::*;
use crate::hub::body::{BodyOwner, Unread};
use crate::hub::cut::Cut;
use crate::hub::socket::PollEntry;

struct NoShard;

impl Unread for NoShard {
    fn unread(&self, _: BodyOwner, _: CloseReason) {}

    fn read_down(&self, _: BodyOwner) {}
}

fn frame(text: &str) -> Frame {
    Frame::comment(text).expect("a valid comment")
}

/// A connection over HTTP/2, which needs no socket.
fn attached(id: ConnectionId) -> (Connection, Arc<BodyQueue>) {
    let mut connection = Connection::new(id);
    let owner = BodyOwner { index: 0, id: connection.id() };
    let queue = Arc::new(BodyQueue::new(Arc::new(NoShard), owner, Cut::default()));
    connection.attach(Output::Body { queue: queue.clone(), wrote: Moment::of(0) });
    (connection, queue)
}

#[test]
fn an_open_stream_costs_its_shard_little() {
    assert!(size_of::<Option<Connection>>() <= 72, "{} bytes", size_of::<Option<Connection>>());
}

#[test]
fn frames_wait_for_the_head_and_too_many_close_it() {
    let (mut runs, limits) = (Runs::new(), HubLimits { outbox_frames: 2, ..HubLimits::default() });
    let mut connection = Connection::new(ConnectionId::random());
    for text in ["a", "b", "c", "d"] {
        assert!(!connection.append(&frame(text), &mut runs, &limits), "there is nowhere to write it to");
    }
    assert!(connection.is_pending());
    let (_, queue) = attached(ConnectionId::random());
    let (frames, closing) = connection.attach(Output::Body { queue, wrote: Moment::of(0) });
    assert_eq!((frames, closing), (vec![frame("a"), frame("b")], Some(CloseReason::SlowConsumer)));
    assert!(!connection.is_pending());
}

#[test]
fn it_is_listed_once_for_a_batch_and_takes_nothing_once_it_is_closing() {
    let (mut runs, limits, mut traffic) = (Runs::new(), HubLimits::default(), Traffic::default());
    let (mut connection, _queue) = attached(ConnectionId::random());
    assert!(connection.append(&frame("a"), &mut runs, &limits));
    assert!(!connection.append(&frame("b"), &mut runs, &limits));
    assert_eq!(connection.flush(&mut runs, Moment::of(1), &limits, &mut traffic), Ok(()));
    assert_eq!(traffic.frames, 2);
    assert!(connection.close(CloseReason::PluginClosed));
    assert!(!connection.close(CloseReason::OperatorClosed), "the first reason stays");
    assert!(!connection.append(&frame("c"), &mut runs, &limits));
    assert_eq!(connection.closing(), Some(CloseReason::PluginClosed));
}

#[test]
fn more_than_may_wait_ends_a_slow_consumer() {
    let (mut runs, limits) = (Runs::new(), HubLimits { outbox_frames: 1, ..HubLimits::default() });
    let (mut connection, _queue) = attached(ConnectionId::random());
    let mut flush = |text| {
        assert!(connection.append(&frame(text), &mut runs, &limits));
        connection.flush(&mut runs, Moment::of(1), &limits, &mut Traffic::default())
    };
    assert_eq!(flush("a"), Ok(()));
    assert_eq!(flush("b"), Err(CloseReason::SlowConsumer));
}

#[test]
fn a_mark_reaches_it_once() {
    let mut connection = Connection::new(ConnectionId::random());
    assert_eq!([1, 1, 2, 2].map(|mark| connection.is_first_of(mark)), [true, false, true, false]);
}

#[test]
fn a_keepalive_is_due_after_silence_only() {
    let keepalive = Keepalive::new(Duration::from_secs(1), "").expect("valid");
    let (mut connection, _queue) = attached(ConnectionId::random());
    let mut due = |now| connection.due(Moment::of(now), &keepalive, 5_000, &mut Traffic::default());
    assert_eq!(due(500), StreamDue::Nothing);
    assert_eq!(due(1_000), StreamDue::Keepalive);
    let mut pending = Connection::new(ConnectionId::random());
    assert_eq!(pending.due(Moment::of(9_000), &keepalive, 5_000, &mut Traffic::default()), StreamDue::Nothing);
}

#[test]
fn slot_that_is_listed_twice_ends_its_connection_once() {
    let (server, _client) = UnixStream::pair().expect("a pair of sockets");
    server.set_nonblocking(true).expect("a socket that can be set");
    let (poll, stream) = (Poll::new().expect("an event queue"), TcpStream::from(OwnedFd::from(server)));
    let (head, now) = (Bytes::from_static(b"head"), Moment::of(0));
    let entry = PollEntry { registry: poll.registry(), token: Token(0) };
    let socket = StreamSocket::register(stream, Framing::Chunked, head, now, entry);
    let mut connection = Connection::new(ConnectionId::random());
    connection.attach(Output::Socket(socket.expect("the kernel watches it")));
    assert!(connection.close(CloseReason::PluginClosed));
    let (mut runs, limits, mut traffic) = (Runs::new(), HubLimits::default(), Traffic::default());
    let mut flush = || connection.flush(&mut runs, now, &limits, &mut traffic);
    assert_eq!(flush(), Err(CloseReason::PluginClosed));
    assert_eq!(flush(), Ok(()), "its end is not written again");
}
