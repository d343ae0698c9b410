//! Backpressure: a slow receiver pauses its own upstream, and no other.

use std::time::Duration;

use roomcast_tests::{Builder, EventStream, Server, Upstream, UpstreamRequest, Wire, eventually, test_guest};
use serde_json::{Value, json};
use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;

use super::{Stage, bad, length};

/// An outbox that is full within_deadline, and time enough not to be ended for reading slowly.
const HUB: &str = "[limits]\noutbox_bytes = \"64KiB\"\nsend_buffer = \"16KiB\"\n[hub]\nwrite_timeout = \"120s\"";
/// How long an upstream has to be stuck until it is thought to be held back.
const STUCK: Duration = Duration::from_secs(1);
/// More than can lie in all buffers on the way.
const TOO_MUCH: usize = 8 << 20;

async fn stage(upstream: Upstream, entry: &str) -> Stage {
    let toml = format!("{entry}\n{}", upstream.grant("stream_bytes = '1GiB'\nstream_idle_timeout = '60s'"));
    let server = Builder::default().config(HUB).plugin_with(test_guest("probe"), &toml).start().await;
    Stage::of(server, upstream).await
}

/// Open a stream that is never read; its id is that of the newest connection.
async fn stalled(server: &Server) -> (TcpStream, String) {
    let mut stream = server.connect_stalled("/sse").await;
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.expect("a head"));
    }
    let head = String::from_utf8(head).expect("text");
    let id = head.lines().find_map(|line| line.strip_prefix("roomcast-connection: ")).expect("an id").to_owned();
    (stream, id)
}

/// Relay an answer to a connection.
async fn relay(stage: &mut Stage, to: &str) -> (String, UpstreamRequest) {
    let token = json!({"relay": to, "quiet": true}).to_string();
    let mut command = stage.get(&token);
    command["for"] = json!(to);
    let (_, mut asked) = stage.fetch(command).await;
    asked.start_raw_response().await;
    (token, asked)
}

async fn goes_on(server: &Server, stream: &mut EventStream, text: &str) {
    let event = json!({"op": "send-event", "event": {"data": text}});
    server.probe(stream, event).await.expect("sent");
    assert_eq!(stream.event().await.data, text);
}

#[tokio::test]
async fn stalled_client_pauses_only_its_own_fetch() {
    let mut stage = stage(Upstream::start().await, "").await;
    let (mut client, id) = stalled(&stage.server).await;
    let (token, mut asked) = relay(&mut stage, &id).await;
    let taken = asked.flood(STUCK).await;
    assert!(taken < TOO_MUCH, "{taken} bytes were taken for a client that reads nothing");
    let brought = length(&stage.calls(&token).await);
    // The fetch is paused; everything else goes on.
    let mut bob = stage.server.connect(Wire::Http11, "/sse").await;
    goes_on(&stage.server, &mut bob, "hello").await;
    let own = bob.id();
    let (other, mut quick) = relay(&mut stage, &own).await;
    for number in 0..100 {
        quick.write(format!("{number}")).await;
        assert_eq!(bob.event_of("chunk").await.data, number.to_string());
    }
    drop(quick);
    assert_eq!(stage.outcome(&other).await, super::good());
    assert_eq!(length(&stage.calls(&token).await), brought);
    assert_eq!(stage.server.metric("roomcast_disconnects_total", "slow-consumer").await, 0.0);
    let high_water = stage.server.metric("roomcast_outbox_high_water_bytes", "").await;
    assert!(high_water <= 2.0 * 110_000.0, "{high_water}");
    // It goes on when the client does.
    let mut scratch = vec![0; 64 << 10];
    let mut read = 0;
    while read < 2 * brought {
        read += client.read(&mut scratch).await.expect("readable") as u64;
        if read > brought / 2 {
            asked.flood(Duration::from_millis(1)).await;
        }
    }
    assert!(length(&stage.calls(&token).await) > brought);
    drop(client);
    asked.wait_for_close().await;
    assert_eq!(stage.outcome(&token).await, bad("connection-closed"));
}

/// Several for one connection share its outbox: what they send together is not more than there is room for.
#[tokio::test]
async fn several_fetches_for_one_slow_client_stay_bounded() {
    let mut stage = stage(Upstream::start().await, "").await;
    let (mut client, id) = stalled(&stage.server).await;
    let mut floods = Vec::new();
    for _ in 0..40 {
        let (_, mut asked) = relay(&mut stage, &id).await;
        floods.push(tokio::spawn(async move {
            let taken = asked.flood(STUCK).await;
            (asked, taken)
        }));
    }
    // All wait for it; whenever it has read a little, there is room again for one of them.
    let mut scratch = vec![0; 16 << 10];
    let mut read = 0;
    while read < 2 << 20 {
        read += client.read(&mut scratch).await.expect("it is not cut off");
    }
    for flood in floods {
        let (asked, taken) = flood.await.expect("no panic");
        assert!(taken < TOO_MUCH, "{taken}");
        assert!(asked.is_open(), "the client was not ended for what was sent to it");
    }
    assert_eq!(stage.server.metric("roomcast_disconnects_total", "slow-consumer").await, 0.0);
    drop(client);
    stage.has_under_way(0.0).await;
}

#[tokio::test]
async fn stalled_http2_stream_pauses_its_fetch() {
    let mut stage = stage(Upstream::start().await, "").await;
    // Opened and never polled: the flow-control window fills, then the outbox.
    let mut client = stage.server.connect(Wire::Http2, "/sse").await;
    let id = client.id();
    let (token, mut asked) = relay(&mut stage, &id).await;
    let taken = asked.flood(STUCK).await;
    assert!(taken < TOO_MUCH, "{taken} bytes were taken for a client that reads nothing");
    let brought = length(&stage.calls(&token).await);
    assert_eq!(stage.server.metric("roomcast_disconnects_total", "slow-consumer").await, 0.0);
    let mut read = 0;
    while read <= brought {
        let flood = asked.flood(Duration::from_millis(1));
        let (_, event) = tokio::join!(flood, client.event_of("chunk"));
        read += event.data.len() as u64;
    }
    drop(client);
    asked.wait_for_close().await;
    assert_eq!(stage.outcome(&token).await, bad("connection-closed"));
}

/// It computes at each piece, so it is the one that everything waits for; its other calls still get their turn.
#[tokio::test]
async fn slow_plugin_pauses_its_fetches() {
    let upstream = Upstream::start().await;
    let limits = "limits.deadline = '25s'\nlimits.queue_time = '25s'\nlimits.cpu_patience = '10m'\n";
    let toml = format!("{limits}{}", upstream.grant("stream_bytes = '1GiB'"));
    let server = Builder::default().plugin_with(test_guest("rogue"), &toml).start().await;
    let ada = server.connect(Wire::Http11, "/sse").await;
    let mut upstream = upstream;
    let mut asked = Vec::new();
    for _ in 0..10 {
        let action = json!({"action": "fetch", "url": upstream.url("/"), "token": "on-chunk=spin"}).to_string();
        assert_eq!(server.send_message(&ada.id(), &action).await.status, 200);
        asked.push(upstream.next_request().await);
    }
    let floods = asked.into_iter().map(|mut asked| {
        tokio::spawn(async move {
            asked.start_raw_response().await;
            asked.flood(Duration::from_secs(20)).await
        })
    });
    let floods: Vec<_> = floods.collect();
    let pieces = async || server.metric("roomcast_plugin_calls_total", "hook=\"on-chunk\"").await;
    eventually("a piece", || async { (pieces().await > 0.0).then_some(()) }).await;
    // Each piece takes about a second (`spin`); a question does not wait for all that are there.
    let before = pieces().await;
    assert_eq!(server.send_message(&ada.id(), "{\"action\":\"instance\"}").await.status, 200);
    assert!(pieces().await - before <= 5.0, "a question waits for what is under way, not for all that waits");
    floods.iter().for_each(tokio::task::JoinHandle::abort);
}

#[tokio::test]
async fn fetch_without_a_connection_is_paused_only_by_the_plugin() {
    let mut stage = stage(Upstream::start().await, "").await;
    let token = json!({"quiet": true}).to_string();
    let (_, mut asked) = stage.fetch(stage.get(&token)).await;
    asked.start_response(200, &[]).await;
    const SIZE: usize = 5_000_000;
    let mut sent = 0;
    while sent < SIZE {
        assert!(asked.write_chunk("x".repeat(50_000)).await);
        sent += 50_000;
    }
    asked.finish_response().await;
    let calls: Vec<Value> = stage.whole(&token).await;
    assert_eq!(length(&calls), SIZE as u64);
}
