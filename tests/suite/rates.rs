//! How often one client may do something.

use std::fs;

use futures_util::future::join_all;
use roomcast_tests::{Answer, Builder, Server, Wire, test_guest};
use serde_json::json;

async fn limited(rates: &str) -> Server {
    Builder::default().config(&format!("[rates]\n{rates}")).plugin(test_guest("probe")).start().await
}

async fn say(server: &Server, id: &str) -> Answer {
    server.send_message(id, &json!({"op": "is-open"}).to_string()).await
}

fn is_refused(answer: &Answer) {
    assert_eq!(answer.status, 429, "{}", answer.text());
    let seconds: u64 = answer.header("retry-after").parse().expect("whole seconds");
    assert!((1..=60).contains(&seconds), "{seconds}");
    assert!(answer.text().contains("`rates.messages` = "), "{}", answer.text());
}

async fn reached(server: &Server) -> f64 {
    server.metric("roomcast_limit_reached_total", "limit=\"rates.messages\"").await
}

#[tokio::test]
async fn messages_per_connection_are_rate_limited() {
    let server = limited("messages = '1/m, burst 3'").await;
    for wire in Wire::ALL {
        let stream = server.connect(wire, "/sse").await;
        for _ in 0..3 {
            assert_eq!(say(&server, &stream.id()).await.status, 200);
        }
        is_refused(&say(&server, &stream.id()).await);
    }
    assert_eq!(reached(&server).await, 3.0);
}

#[tokio::test]
async fn messages_without_a_connection_are_rate_limited_per_address() {
    let server = limited("messages = '1/m, burst 2'").await;
    let anonymous = async || {
        let body = json!({"op": "totals"}).to_string();
        server.request_with_body(Wire::Http11, "POST", "/send", &[], body).await
    };
    for _ in 0..2 {
        assert_ne!(anonymous().await.status, 429);
    }
    is_refused(&anonymous().await);
    let ada = server.connect(Wire::Http11, "/sse").await;
    assert_eq!(say(&server, &ada.id()).await.status, 200, "it is not counted with them");
}

#[tokio::test]
async fn clients_beyond_the_table_share_one_rate() {
    let server = limited("messages = '1/m, burst 1'\naddresses = 1").await;
    let (first, second, third) = (
        server.connect(Wire::Http11, "/sse").await,
        server.connect(Wire::Http11, "/sse").await,
        server.connect(Wire::Http11, "/sse").await,
    );
    assert_eq!(say(&server, &first.id()).await.status, 200);
    assert_eq!(say(&server, &second.id()).await.status, 200);
    is_refused(&say(&server, &third.id()).await);
    assert_eq!(server.metric("roomcast_limit_reached_total", "limit=\"rates.addresses\"").await, 2.0);
}

#[tokio::test]
async fn default_rate_is_applied() {
    let server = limited("").await;
    let ada = server.connect(Wire::Http11, "/sse").await;
    let id = ada.id();
    let answers = join_all((0..400).map(|_| say(&server, &id))).await;
    let taken = answers.iter().filter(|answer| answer.status == 200).count();
    assert!(taken >= 50, "{taken}");
    is_refused(answers.iter().find(|answer| answer.status != 200).expect("400 are too many"));
}

#[tokio::test]
async fn rate_is_changed_by_a_reload() {
    let server = limited("messages = '1/m, burst 1'").await;
    let ada = server.connect(Wire::Http11, "/sse").await;
    assert_eq!(say(&server, &ada.id()).await.status, 200);
    is_refused(&say(&server, &ada.id()).await);
    let file = server.dir().join("roomcast.toml");
    let config = fs::read_to_string(&file).expect("readable");
    fs::write(&file, config.replace("1/m, burst 1", "")).expect("written");
    server.signal("HUP");
    server.wait_for_log("configuration reloaded").await;
    for _ in 0..10 {
        assert_eq!(say(&server, &ada.id()).await.status, 200);
    }
}

#[tokio::test]
async fn invalid_rate_is_rejected_at_start() {
    for (line, key, advice) in [
        ("messages = 'fast'", "rates.messages", "such as \"10/s, burst 50\""),
        ("messages = '10/h'", "rates.messages", "such as \"10/s, burst 50\""),
        ("addresses = 0", "rates.addresses", "at least 1"),
        ("message = '1/s'", "message", "did you mean `messages`?"),
    ] {
        let (said, status) = Server::without_plugins().config(&format!("[rates]\n{line}")).refuses_to_start().await;
        assert!(!status.success() && said.contains(key) && said.contains(advice), "{line}: {said}");
    }
}

/// Those who read as fast as they can stay, whatever another one sends.
#[tokio::test(flavor = "multi_thread")]
async fn chat_continues_while_one_client_floods_it() {
    let server = Builder::default().config("[rates]").start().await;
    let flooder = server.connect(Wire::Http11, "/sse?name=Mallory").await;
    let ada = server.connect(Wire::Http11, "/sse?name=Ada").await;
    let mut readers = Vec::new();
    for _ in 0..20 {
        let mut stream = server.connect(Wire::Http11, "/sse").await;
        readers.push(tokio::spawn(async move { while !stream.event_of("chat").await.data.contains("still here") {} }));
    }
    let id = flooder.id();
    let flood = (0..500).map(|_| server.send_message(&id, r#"{"type": "say", "text": "flood"}"#));
    let answers = join_all(flood).await;
    assert!(answers.iter().any(|answer| answer.status == 202) && answers.iter().any(|answer| answer.status == 429));
    assert_eq!(server.send_message(&ada.id(), r#"{"type": "say", "text": "still here"}"#).await.status, 202);
    for reader in readers {
        reader.await.expect("it was not cut off");
    }
}
