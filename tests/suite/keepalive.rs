//! Signs of life on silent streams, and what finds the dead ones. The rule for the moment itself is tested beside it in
//! the host; here is what a client sees.

use roomcast_tests::{Item, Server, Wire};

use crate::on_every_wire;

on_every_wire! {
    /// A silent stream gets a comment, again and again.
    async fn idle_stream_gets_keepalives(wire) {
        let server = Server::without_plugins().config("[hub]\nkeepalive = \"100ms\"").start().await;
        let mut stream = server.connect(wire, "/sse").await;
        assert_eq!(stream.comment().await, " connected");
        assert_eq!(stream.item().await, Item::Retry(3000));
        for _ in 0..3 {
            assert_eq!(stream.item().await, Item::Comment(" ping".into()));
        }
        assert!(stream.bytes.ends_with(b"\n: ping\n"));
    }

    /// An event in place of the comment, for pages that watch for life.
    async fn keepalive_can_be_an_event(wire) {
        let server = Server::without_plugins().config("[hub]\nkeepalive = \"100ms\"\nkeepalive_event = \"alive\"").start().await;
        let mut stream = server.connect(wire, "/sse").await;
        let event = stream.event().await;
        assert_eq!((event.event.as_str(), event.data.as_str()), ("alive", ""));
    }
}

#[tokio::test]
async fn busy_stream_gets_no_keepalive() {
    // Far more often than every second, for longer than that: with a keepalive that came by the clock there would be some.
    let server =
        Server::without_plugins().config("[hub]\nkeepalive = \"1s\"\n[endpoint]\nretry = \"0s\"").start().await;
    let mut busy = server.connect(Wire::Http11, "/sse").await;
    let mut silent = server.connect(Wire::Http11, "/sse").await;
    let room = "busy";
    server.api_call("PUT", &format!("/v1/connections/{}/rooms/{room}", busy.id()), "").await;
    let pings = tokio::spawn(async move { (silent.comment().await, silent.comment().await, silent.comment().await) });
    let (mut comments, mut number) = (Vec::new(), 0);
    while !pings.is_finished() {
        number += 1;
        assert_eq!(server.publish(room, &number.to_string()).await, 1);
        loop {
            match busy.item().await {
                Item::Comment(text) => comments.push(text),
                Item::Event(event) if event.data == number.to_string() => break,
                other => panic!("{other:?}"),
            }
        }
    }
    assert_eq!(pings.await.expect("three comments").2, " ping");
    assert_eq!(comments, [" connected"]);
}

#[tokio::test]
async fn keepalive_can_be_disabled() {
    let server = Server::without_plugins().config("[hub]\nkeepalive = \"0s\"\nwrite_timeout = \"200ms\"").start().await;
    let other = Server::without_plugins().config("[hub]\nkeepalive = \"200ms\"").start().await;
    let mut stream = server.connect(Wire::Http11, "/sse").await;
    let mut clock = other.connect(Wire::Http11, "/sse").await;
    for _ in 0..5 {
        clock.comment().await;
    }
    server.publish("__all", "x").await;
    stream.event().await;
    assert_eq!(stream.bytes, b": connected\nretry: 3000\ndata: x\n\n");
}
