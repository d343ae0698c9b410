//! What events look like to a client.

use roomcast_tests::{Item, Received, Server, Wire};
use serde_json::json;

use crate::on_every_wire;

on_every_wire! {
    /// Every line ending ends a line, and nothing is lost or added.
    async fn data_arrives_as_the_standard_requires(wire) {
        let server = Server::without_plugins().start().await;
        let mut stream = server.connect(wire, "/sse").await;
        let cases = [
            ("hello", "hello"),
            ("", ""),
            ("a\nb\rc\r\nd", "a\nb\nc\nd"),
            ("trailing\n", "trailing\n"),
            ("\n", "\n"),
            (" one space", " one space"),
            ("  two\n three", "  two\n three"),
            ("data: x\n\nevent: y", "data: x\n\nevent: y"),
            (": no comment", ": no comment"),
            ("\u{feff}marked", "\u{feff}marked"),
            ("สวัสดี 你好 🎉 שלום", "สวัสดี 你好 🎉 שלום"),
            ("nul\0inside", "nul\0inside"),
        ];
        for (sent, seen) in cases {
            assert_eq!(server.publish("__all", sent).await, 1);
            assert_eq!(stream.event().await, Received { event: "message".into(), data: seen.into(), id: String::new() });
        }
    }

    /// All fields, and their order.
    async fn event_fields_arrive(wire) {
        let server = Server::without_plugins().start().await;
        let mut stream = server.connect(wire, "/sse").await;
        assert_eq!(stream.comment().await, " connected");
        assert_eq!(stream.item().await, Item::Retry(3000));
        let event = json!({ "retry_ms": 2500, "data": "x", "id": "a.b_c-1", "event": "tick" });
        server.publish_event("__all", &event).await;
        assert_eq!(stream.item().await, Item::Retry(2500));
        assert_eq!(stream.event().await, Received { event: "tick".into(), data: "x".into(), id: "a.b_c-1".into() });
        let bytes = String::from_utf8(stream.bytes.clone()).expect("UTF-8");
        assert!(bytes.ends_with("\nid: a.b_c-1\nevent: tick\nretry: 2500\ndata: x\n\n"), "{bytes}");
        // An id stays until another one comes; an empty one resets it.
        server.publish("__all", "y").await;
        assert_eq!(stream.event().await.id, "a.b_c-1");
        server.publish_event("__all", &json!({ "data": "z", "id": "" })).await;
        assert_eq!(stream.event().await.id, "");
    }
}

#[tokio::test]
async fn line_breaks_in_fields_are_rejected() {
    let server = Server::without_plugins().start().await;
    let mut stream = server.connect(Wire::Http11, "/sse").await;
    let long = "x".repeat(1_025);
    for (field, bad) in [
        ("id", "1\ndata: forged"),
        ("id", "1\r"),
        ("id", "1\0"),
        ("id", "1\u{85}"),
        ("id", &long),
        ("event", "x\ndata: forged"),
        ("event", "x\rdata: forged"),
        ("event", "x\0"),
    ] {
        let event = json!({ "data": "x", field: bad });
        let answer = server.api_call("POST", "/v1/rooms/__all/events", event.to_string()).await;
        assert_eq!(answer.status, 400, "{event}");
        let error = answer.json()["error"].as_str().expect("a text").to_owned();
        assert!(error.contains(&format!("event.{field}")), "{error}");
    }
    server.publish("__all", "only this").await;
    assert_eq!(stream.event().await.data, "only this");
    assert_eq!(stream.bytes, b": connected\nretry: 3000\ndata: only this\n\n");
}

#[tokio::test]
async fn invalid_publication_is_rejected_as_a_whole() {
    let server = Server::without_plugins().config("[limits]\nevent_bytes = \"1KiB\"").start().await;
    let mut stream = server.connect(Wire::Http11, "/sse").await;
    let large = json!({ "data": "x".repeat(2000) }).to_string();
    for (body, status) in [
        ("", 400),
        ("not json", 400),
        ("[]", 400),
        ("{}", 400),
        ("{\"data\": 1}", 400),
        ("{\"data\": \"x\", \"dta\": 1}", 400),
        ("{\"data\": \"x\", \"retry_ms\": -1}", 400),
        ("{\"data\": \"x\", \"retry_ms\": \"1\"}", 400),
        ("{\"data\": \"x\", \"retry_ms\": 0}", 400),
        ("{\"data\": \"x\", \"retry_ms\": 499}", 400),
        ("{\"data\": \"x\", \"except\": \"nobody\"}", 400),
        (&large, 413),
    ] {
        let answer = server.api_call("POST", "/v1/rooms/__all/events", body.to_owned()).await;
        assert_eq!(answer.status, status, "{body}: {}", answer.text());
        assert!(!answer.json()["error"].as_str().expect("a text").is_empty());
    }
    assert_eq!(server.api_call("POST", "/v1/rooms/%00/events", "{\"data\":\"x\"}").await.status, 400);
    assert_eq!(server.api_call("POST", "/v1/rooms/%ff/events", "{\"data\":\"x\"}").await.status, 400);
    server.publish("__all", "only this").await;
    assert_eq!(stream.event().await.data, "only this");
}

#[tokio::test]
async fn large_event_arrives_whole() {
    let server = Server::without_plugins()
        .config("[limits]\nevent_bytes = \"2MiB\"\n[server]\nbody_bytes = \"4MiB\"")
        .start()
        .await;
    let text: String =
        (0..1_000_000).map(|at| if at % 1000 == 0 { '\n' } else { char::from(b'a' + (at % 26) as u8) }).collect();
    for wire in Wire::ALL {
        let mut stream = server.connect(wire, "/sse").await;
        assert_eq!(server.publish("__all", &text).await, 1);
        assert!(stream.event().await.data == text, "{wire:?}");
        drop(stream);
        server.wait_for_connections(0).await;
    }
}
