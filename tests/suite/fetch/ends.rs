//! How fetches end: by the plugin's will, by the connection's, by the upstream's.

use roomcast_tests::{Builder, Server, Upstream, Wire, eventually, test_guest};
use serde_json::{Value, json};

use super::{Stage, bad, hooks, text};
use crate::on_every_wire;

#[tokio::test]
async fn cancelled_fetch_delivers_nothing_more() {
    let mut stage = Stage::start().await;
    let (waiting, mut silent) = stage.fetch(stage.get("silent")).await;
    let (streaming, mut talking) = stage.fetch(stage.get("talking")).await;
    talking.start_response(200, &[]).await;
    talking.write_chunk("so far").await;
    stage.brings("talking", "so far").await;
    for id in [waiting, streaming] {
        assert_eq!(stage.ok(json!({"op": "fetch-cancel", "fetch": id})).await, json!(true));
        assert_eq!(stage.ok(json!({"op": "fetch-cancel", "fetch": id})).await, json!(false));
    }
    silent.wait_for_close().await;
    talking.wait_for_close().await;
    stage.has_under_way(0.0).await;
    assert_eq!(stage.calls("silent").await, Vec::<Value>::new());
    assert_eq!(hooks(&stage.calls("talking").await), ["on-response", "on-chunk"]);
    assert_eq!(stage.ended_with("cancelled").await, 2.0);
    assert_eq!(stage.ok(json!({"op": "fetch-cancel", "fetch": 99})).await, json!(false));
}

#[tokio::test]
async fn fetch_cancelled_from_on_chunk_ends() {
    let mut stage = Stage::start().await;
    // Ids count up from 1.
    let token = json!({"on_chunk": {"op": "fetch-cancel", "fetch": 1}}).to_string();
    let (id, mut asked) = stage.fetch(stage.get(&token)).await;
    assert_eq!(id, 1);
    asked.start_response(200, &[]).await;
    asked.write_chunk("enough").await;
    asked.wait_for_close().await;
    stage.has_under_way(0.0).await;
    assert_eq!(hooks(&stage.calls(&token).await), ["on-response", "on-chunk"]);
    assert!(stage.journal().await.contains(&json!({"result": {"ok": true}})));
}

on_every_wire! {
    /// Whether it waits for the upstream or reads from it.
    async fn fetch_is_cancelled_with_its_connection(wire) {
        let mut stage = Stage::start().await;
        let bob = stage.server.connect(wire, "/sse").await;
        let mut asked = Vec::new();
        for token in ["silent", "talking"] {
            stage.server.probe(&bob, stage.get_for_ada(token)).await.expect("started");
            asked.push(stage.upstream.next_request().await);
        }
        asked[1].start_response(200, &[]).await;
        asked[1].write_chunk("so far").await;
        stage.brings("talking", "so far").await;
        drop(bob);
        asked[0].wait_for_close().await;
        asked[1].wait_for_close().await;
        assert_eq!(stage.whole("silent").await, [json!({"hook": "on-end", "outcome": bad("connection-closed")})]);
        assert_eq!(stage.outcome("talking").await, bad("connection-closed"));
        stage.has_under_way(0.0).await;
        assert_eq!(stage.ended_with("cancelled").await, 2.0);
    }
}

#[tokio::test]
async fn closing_a_connection_cancels_its_fetches_and_refuses_new_ones() {
    let mut stage = Stage::start().await;
    let bob = stage.server.connect(Wire::Http11, "/sse").await;
    stage.server.probe(&bob, stage.get_for_ada("a")).await.expect("started");
    let mut asked = stage.upstream.next_request().await;
    stage.ok(json!({"op": "close", "connection": bob.id()})).await;
    asked.wait_for_close().await;
    assert_eq!(stage.outcome("a").await, bad("connection-closed"));
    let mut command = stage.get("b");
    command["for"] = json!(bob.id());
    let kind = stage.refused(command).await["kind"].clone();
    assert!(kind == "closed" || kind == "no-such-connection", "{kind}");
}

/// The connection is rejected, so the fetch that was started for it is cancelled.
#[tokio::test]
async fn fetch_for_a_rejected_connection_is_cancelled() {
    let mut stage = Stage::start().await;
    let command = stage.get_for_ada("a").to_string();
    let query: String = command.bytes().map(|byte| format!("%{byte:02x}")).collect();
    let rejected = stage.server.try_connect(Wire::Http11, &format!("/sse?command={query}&reject=403")).await;
    assert_eq!(rejected.err().map(|answer| answer.status), Some(403));
    assert_eq!(stage.outcome("a").await, bad("connection-closed"));
    stage.has_under_way(0.0).await;
    drop(stage.upstream.next_request());
}

/// The answer may be there before the stream is: it waits for its head.
#[tokio::test]
async fn fetch_started_in_on_connect_delivers() {
    let upstream = Upstream::with_handler(|mut asked| async move {
        asked.start_response(200, &[]).await;
        asked.write_chunk("at once").await;
        asked.finish_response().await;
    })
    .await;
    let command = json!({"op": "fetch-start", "url": upstream.url("/"), "token": "{}", "for": "sender"}).to_string();
    let server = Builder::default().plugin_with(test_guest("probe"), &upstream.grant("")).start().await;
    let query: String = command.bytes().map(|byte| format!("%{byte:02x}")).collect();
    let _bob = server.connect(Wire::Http11, &format!("/sse?command={query}")).await;
    let calls = eventually("the end", || async {
        let calls = server.calls_of("on-end").await;
        (!calls.is_empty()).then_some(calls)
    })
    .await;
    assert_eq!(calls[0]["outcome"], super::good());
    assert_eq!(server.calls_of("on-chunk").await[0]["chunk"]["text"], "at once");
}

#[tokio::test]
async fn aborted_response_is_reported_as_incomplete() {
    let mut stage = Stage::start().await;
    for (token, raw) in [
        ("length", "HTTP/1.1 200 X\r\ncontent-length: 10\r\n\r\nhalf"),
        ("chunk", "HTTP/1.1 200 X\r\ntransfer-encoding: chunked\r\n\r\n4\r\nhalf\r\n"),
        ("garbled", "HTTP/1.1 200 X\r\ntransfer-encoding: chunked\r\n\r\n4\r\nhalf\r\nno number\r\n"),
    ] {
        let (_, mut asked) = stage.fetch(stage.get(token)).await;
        asked.write(raw).await;
        stage.brings(token, "half").await;
        drop(asked);
        let calls = stage.whole(token).await;
        assert_eq!(calls.last().expect("its end")["outcome"]["error"]["kind"], "broken", "{token}");
        assert_eq!(text(&calls), "half", "{token}: what had come was brought");
    }
    for (token, raw) in [
        ("nothing", ""),
        ("nonsense", "no HTTP\r\n\r\n"),
        ("cut", "HTTP/1.1 200 X\r\nx: "),
        ("long", &format!("HTTP/1.1 200 X\r\nx: {}\r\n\r\n", "x".repeat(100_000))),
    ] {
        let (_, mut asked) = stage.fetch(stage.get(token)).await;
        asked.write(raw).await;
        drop(asked);
        let calls = stage.whole(token).await;
        assert_eq!(hooks(&calls), ["on-end"], "{token}");
        assert_eq!(calls[0]["outcome"]["error"]["kind"], "broken", "{token}");
    }
    assert_eq!(stage.ended_with("failed").await, 7.0);
}

#[tokio::test]
async fn unreachable_hosts_are_reported() {
    let free = || std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let nobody = free().local_addr().expect("an address");
    // It closes each connection, and speaks no TLS.
    let rude = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let somebody = rude.local_addr().expect("an address");
    tokio::spawn(async move { while rude.accept().await.is_ok() {} });
    let urls = [
        format!("http://{nobody}"),
        "http://nobody.invalid:1".into(),
        format!("https://localhost:{}", somebody.port()),
    ];
    let grant = format!("[plugins.capabilities.http]\nprivate = 'allow'\nallow = {}", json!(urls));
    let server = Builder::default().plugin_with(test_guest("probe"), &grant).start().await;
    let stage = Stage::of(server, Upstream::start().await).await;
    for url in &urls {
        stage.ok(json!({"op": "fetch-start", "url": url, "token": url})).await;
        let calls = stage.whole(url).await;
        assert_eq!(calls[0]["outcome"]["error"]["kind"], "unreachable", "{url}: {calls:?}");
    }
    assert_eq!((stage.ended_with("failed").await, stage.under_way().await), (3.0, 0.0));
}

#[tokio::test]
async fn server_shutdown_cancels_fetches() {
    let mut stage = Stage::start().await;
    let (_, mut asked) = stage.fetch(stage.get("a")).await;
    asked.start_response(200, &[]).await;
    stage.server.signal("TERM");
    asked.wait_for_close().await;
    assert!(stage.server.wait_for_exit().await.success());
}

#[tokio::test]
async fn removed_plugin_has_its_fetches_cancelled() {
    let upstream = Upstream::start().await;
    let entry = |name: &str| {
        let path = test_guest("probe");
        format!("[[plugins]]\nname = '{name}'\npath = '{}'\nconfig.name = '{name}'\n", path.display())
    };
    let both = format!("{}{}{}", entry("one"), entry("two"), upstream.grant(""));
    let server: Server = Builder::default().config(&both).start().await;
    let mut stage = Stage::of(server, upstream).await;
    let mut command = stage.get("a");
    command["to"] = json!("two");
    let (_, mut asked) = stage.fetch(command).await;
    assert_eq!(stage.under_way().await, 1.0);
    std::fs::write(stage.server.dir().join("roomcast.toml"), entry("one")).expect("written");
    stage.server.signal("HUP");
    asked.wait_for_close().await;
    stage.has_under_way(0.0).await;
}
