use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;

use mio::Poll;

use super::*;

/// A socket with this head, and the client's end of it.
fn pair(poll: &Poll, framing: Framing, head: &'static str) -> (StreamSocket, UnixStream) {
    let (server, client) = UnixStream::pair().expect("a pair of sockets");
    for socket in [&server, &client] {
        socket.set_nonblocking(true).expect("a socket that can be set");
    }
    let stream = std::net::TcpStream::from(OwnedFd::from(server));
    let head = Bytes::from_static(head.as_bytes());
    let entry = PollEntry { registry: poll.registry(), token: Token(1) };
    let socket = StreamSocket::register(stream, framing, head, Moment::of(0), entry);
    (socket.expect("the kernel watches it"), client)
}

fn run(text: &str) -> Run {
    Run { bytes: Bytes::copy_from_slice(text.as_bytes()), frames: 1 }
}

/// All that has come to the client.
fn received(client: &mut UnixStream) -> String {
    let (mut all, mut buffer) = (Vec::new(), [0; 16 << 10]);
    while let Ok(count @ 1..) = client.read(&mut buffer) {
        all.extend_from_slice(&buffer[..count]);
    }
    String::from_utf8(all).expect("UTF-8")
}

#[test]
fn head_frames_and_end_leave_in_order() {
    let poll = Poll::new().expect("an event queue");
    for (framing, end) in [(Framing::Chunked, "0\r\n\r\n"), (Framing::Plain, "")] {
        let (mut socket, mut client) = pair(&poll, framing, "head;");
        let mut traffic = Traffic::default();
        socket.send(&run("a;"), Moment::of(1), &HubLimits::default(), &mut traffic).expect("it is open");
        assert_eq!(received(&mut client), "", "the head goes out together with the first run");
        socket.drain(Moment::of(1), &mut traffic).expect("it is open");
        socket.send(&run("b;"), Moment::of(2), &HubLimits::default(), &mut traffic).expect("it is open");
        socket.send_end();
        socket.drain(Moment::of(2), &mut traffic).expect("it is open");
        assert_eq!(received(&mut client), format!("head;a;b;{end}"));
        assert_eq!(traffic.bytes, 9 + end.len() as u64);
        assert!(!socket.has_backlog());
        assert_eq!(socket.silence(Moment::of(5)), 3);
    }
}

#[test]
fn what_the_kernel_refuses_waits_and_is_bounded() {
    let poll = Poll::new().expect("an event queue");
    let (mut socket, mut client) = pair(&poll, Framing::Plain, "");
    let (limits, mut traffic) =
        (HubLimits { outbox_frames: 2, outbox_bytes: usize::MAX, ..HubLimits::default() }, Traffic::default());
    socket.drain(Moment::of(0), &mut traffic).expect("it is open");
    let large = "x".repeat(1 << 20);
    socket.send(&run(&large), Moment::of(1), &limits, &mut traffic).expect("it is open");
    assert!(socket.has_backlog(), "the kernel takes less than a megabyte");
    socket.watch_if_blocked(poll.registry(), Token(1)).expect("the kernel watches it");
    socket.send(&run("end"), Moment::of(1), &limits, &mut traffic).expect("the second frame fits");
    let refused = socket.send(&run("one more"), Moment::of(1), &limits, &mut traffic);
    assert_eq!(refused, Err(CloseReason::SlowConsumer));
    let mut all = String::new();
    while socket.has_backlog() {
        all += &received(&mut client);
        socket.unblock(Moment::of(2), &mut traffic).expect("it is open");
    }
    all += &received(&mut client);
    assert_eq!(all, large + "end");
    assert_eq!(traffic.bytes, (1 << 20) + 3);
}

#[test]
fn input_is_dropped_and_bounded_and_its_end_is_reported_once() {
    let poll = Poll::new().expect("an event queue");
    let (mut socket, mut client) = pair(&poll, Framing::Plain, "");
    let mut scratch = [0; 4];
    client.write_all(b"12345").expect("it is taken");
    assert_eq!(socket.read(&mut scratch, 5), Ok(ReadOutcome::Nothing));
    client.shutdown(Shutdown::Write).expect("it is open");
    assert_eq!(socket.read(&mut scratch, 5), Ok(ReadOutcome::HalfClosed));
    assert_eq!(socket.read(&mut scratch, 5), Ok(ReadOutcome::Nothing));
    let (mut socket, mut client) = pair(&poll, Framing::Plain, "");
    client.write_all(b"123456").expect("it is taken");
    assert_eq!(socket.read(&mut scratch, 5), Err(CloseReason::UnexpectedInput));
}

#[test]
fn client_that_has_gone_ends_the_connection() {
    let poll = Poll::new().expect("an event queue");
    let (mut socket, client) = pair(&poll, Framing::Plain, "head");
    drop(client);
    assert_eq!(socket.drain(Moment::of(0), &mut Traffic::default()), Err(CloseReason::ClientClosed));
}
