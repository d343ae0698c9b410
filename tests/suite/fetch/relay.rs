//! The plugin `relay`: tokens of a language model reach the one connection that asked, while all others go on.

use std::sync::Arc;
use std::time::Duration;

use roomcast_tests::{
    Answer, Builder, Deployed, EventStream, Server, Upstream, UpstreamRequest, Wire, eventually, plugin, test_guest,
};
use serde_json::{Value, json};
use tokio::sync::Semaphore;

use super::NOT_WATCHED;

/// How many ask at once.
const CROWD: usize = 500;
/// How many tokens each answer has.
const TOKENS: usize = 12;

fn entry(upstream: &Upstream) -> String {
    format!("config.upstream = '{}'\n{}", upstream.url("/answer"), upstream.grant("streams = 1000"))
}

async fn start(upstream: &Upstream) -> Server {
    Builder::default().plugin_with(plugin("relay"), &entry(upstream)).start().await
}

async fn connect(server: &Server, wire: Wire) -> EventStream {
    let mut stream = server.connect(wire, "/sse").await;
    let welcome = stream.event().await;
    assert_eq!((&*welcome.event, data(&welcome.data)), ("welcome", json!({"connection": stream.id()})));
    stream
}

async fn ask(server: &Server, stream: &EventStream, prompt: &str) -> Answer {
    server.send_message(&stream.id(), &json!({"type": "ask", "prompt": prompt, "to": "relay"}).to_string()).await
}

/// Ask what is taken; the question's number.
async fn asked(server: &Server, stream: &EventStream, prompt: &str) -> u64 {
    let answer = ask(server, stream, prompt).await;
    assert_eq!((answer.status, answer.header("content-type")), (202, "application/json"), "{}", answer.text());
    answer.json()["ask"].as_u64().expect("a number")
}

fn data(text: &str) -> Value {
    serde_json::from_str(text).expect("JSON")
}

/// Read an answer to its end: its text, and the last event.
async fn answer(stream: &mut EventStream, number: u64) -> (String, String, Value) {
    let mut text = String::new();
    loop {
        let event = stream.event().await;
        let data = data(&event.data);
        assert_eq!(data["ask"], number, "{data}");
        if event.event != "token" {
            return (text, event.event, data);
        }
        text += data["text"].as_str().filter(|text| !text.is_empty()).expect("a text");
    }
}

fn tokens(prompt: &str) -> impl Iterator<Item = String> {
    (0..TOKENS).map(move |number| format!("{prompt} é{number} "))
}

/// Answer token by token; every event is cut somewhere, also in the middle of a character.
async fn talk(asked: &mut UpstreamRequest, prompt: &str) {
    asked.start_response(200, &[("content-type", "text/event-stream")]).await;
    for (number, token) in tokens(prompt).enumerate() {
        let event = format!("data: {}\r\n\r\n", json!({ "token": token }));
        let (start, end) = event.as_bytes().split_at((number * 7 + prompt.len()) % (event.len() - 1) + 1);
        asked.write_chunk(start).await;
        tokio::task::yield_now().await;
        if !end.is_empty() {
            asked.write_chunk(end).await;
        }
    }
    asked.write_event("[DONE]").await;
}

#[tokio::test]
async fn tokens_reach_only_the_client_that_asked() {
    let mut upstream = Upstream::start().await;
    let server = start(&upstream).await;
    for wire in Wire::ALL {
        let (mut ada, mut bob) = (connect(&server, wire).await, connect(&server, wire).await);
        let number = asked(&server, &ada, "hi").await;
        let mut model = upstream.next_request().await;
        assert!(model.head.starts_with("POST /answer HTTP/1.1"), "{}", model.head);
        let types = (model.header("content-type"), model.header("accept"));
        assert_eq!((types, model.json()), (("application/json", "text/event-stream"), json!({"prompt": "hi"})));
        assert_eq!(ask(&server, &ada, "again").await.status, 400, "one at a time");
        model.start_response(200, &[]).await;
        for token in ["Hel", "lo"] {
            model.write_event(&json!({ "token": token }).to_string()).await;
            let event = ada.event().await;
            assert_eq!((&*event.event, data(&event.data)), ("token", json!({"ask": number, "text": token})));
        }
        model.write_event("[DONE]").await;
        assert_eq!(answer(&mut ada, number).await, (String::new(), "done".into(), json!({"ask": number})));
        model.wait_for_close().await;
        server.publish("__all", "{}").await;
        assert_eq!(bob.event().await.data, "{}", "no other client got it");
    }
}

/// All are under way at once, through one instance. Meanwhile others chat, and lose nothing and wait for nothing.
#[tokio::test(flavor = "multi_thread")]
async fn five_hundred_concurrent_prompts_are_answered() {
    let gate = Arc::new(Semaphore::new(0));
    let at_the_gate = gate.clone();
    let upstream = Upstream::with_handler(move |mut asked| {
        let gate = at_the_gate.clone();
        async move {
            gate.acquire().await.expect("never closed").forget();
            let prompt = asked.json()["prompt"].as_str().expect("a prompt").to_owned();
            talk(&mut asked, &prompt).await;
            asked.wait_for_close().await;
        }
    })
    .await;
    // The probe is there for those who chat.
    let toml = "name = 'chat'\nconfig.name = 'chat'\n";
    let relay = format!("name = 'relay'\n{}", entry(&upstream));
    // All ask in the same moment.
    let builder = Builder::default().config("[server]\nbodies = 1000");
    let builder = builder.plugin_with(test_guest("probe"), toml).plugin_with(plugin("relay"), &relay);
    let server = Arc::new(builder.start().await);
    let mut crowd = Vec::new();
    for number in 0..CROWD {
        let server = server.clone();
        crowd.push(tokio::spawn(async move {
            let mut stream = connect(&server, Wire::ALL[number % 3]).await;
            let prompt = format!("question {number}");
            let ask = asked(&server, &stream, &prompt).await;
            let (text, last, _) = answer(&mut stream, ask).await;
            assert_eq!((text, &*last), (tokens(&prompt).collect::<String>(), "done"));
            // It is the same connection's turn to ask again.
            let ask = asked(&server, &stream, &prompt).await;
            assert_eq!(answer(&mut stream, ask).await.1, "done");
        }));
    }
    let fetches = || server.metric("roomcast_plugin_fetches", "");
    eventually("all under way", || async { (fetches().await == CROWD as f64).then_some(()) }).await;
    gate.add_permits(2 * CROWD);

    let mut friends = Vec::new();
    for _ in 0..10 {
        friends.push(server.connect(Wire::Http11, "/sse?join=tea").await);
    }
    for round in 0..50 {
        let text = format!("round {round}");
        let say = json!({"op": "broadcast", "room": "tea", "event": {"data": text, "event": "chat"}});
        assert_eq!(server.probe(&friends[round % 10], say).await, Ok(json!(10)));
        for friend in &mut friends {
            assert_eq!(friend.event_of("chat").await.data, text);
        }
    }
    for asker in crowd {
        asker.await.expect("each has its whole answer");
    }
    eventually("all ended", || async { (fetches().await == 0.0).then_some(()) }).await;
    assert_eq!(server.metric("roomcast_disconnects_total", "slow-consumer").await, 0.0);
    for status in server.api_call("GET", "/v1/plugins", "").await.json().as_array().expect("a list") {
        assert_eq!((&status["traps"], &status["timeouts"], &status["restarts"]), (&json!(0), &json!(0), &json!(0)));
    }
}

/// A new version every now and then, in the middle of a hundred answers.
#[tokio::test(flavor = "multi_thread")]
async fn answers_continue_across_a_reload() {
    let gate = Arc::new(Semaphore::new(0));
    let at_the_gate = gate.clone();
    let upstream = Upstream::with_handler(move |mut asked| {
        let gate = at_the_gate.clone();
        async move {
            let prompt = asked.json()["prompt"].as_str().expect("a prompt").to_owned();
            asked.start_response(200, &[]).await;
            for (number, token) in tokens(&prompt).enumerate() {
                let event = format!("data: {}\n\n", json!({ "token": token }));
                let (start, end) = event.split_at(9);
                asked.write_chunk(start).await;
                if number == TOKENS / 2 {
                    // In the middle of a line, until there has been another version.
                    gate.acquire().await.expect("never closed").forget();
                }
                tokio::time::sleep(Duration::from_millis(10)).await;
                asked.write_chunk(end).await;
            }
            asked.write_event("[DONE]").await;
            asked.wait_for_close().await;
        }
    })
    .await;
    let file = Deployed::new("relay", plugin("relay"));
    let builder = Builder::default().config(NOT_WATCHED).plugin_with(file.path(), &entry(&upstream));
    let server = Arc::new(builder.start().await);
    let mut crowd = Vec::new();
    for number in 0..100 {
        let server = server.clone();
        crowd.push(tokio::spawn(async move {
            let mut stream = connect(&server, Wire::Http11).await;
            let prompt = format!("question {number}");
            let ask = asked(&server, &stream, &prompt).await;
            let (text, last, _) = answer(&mut stream, ask).await;
            assert_eq!((text, &*last), (tokens(&prompt).collect::<String>(), "done"));
        }));
    }
    let mut versions = 0;
    while !crowd.iter().all(tokio::task::JoinHandle::is_finished) {
        versions += 1;
        file.replace_with_version(plugin("relay"), &versions.to_string());
        server.reload("relay").await;
        if versions == 3 {
            gate.add_permits(crowd.len());
        }
    }
    for asker in crowd {
        asker.await.expect("each has its whole answer");
    }
}

#[tokio::test]
async fn upstream_failures_are_sent_to_the_client() {
    let mut upstream = Upstream::start().await;
    let server = start(&upstream).await;
    let mut ada = connect(&server, Wire::Http11).await;
    let line = format!("HTTP/1.1 200 X\r\n\r\n{}", "x".repeat(65_537));
    for (raw, why) in [
        ("HTTP/1.1 500 X\r\n\r\n", "the model answers with status 500"),
        ("HTTP/1.1 302 X\r\nlocation: http://x/\r\n\r\n", "the model answers with status 302"),
        ("HTTP/1.1 200 X\r\n\r\ndata: nonsense\n", "the model said something that is not JSON"),
        (&line, "the model sent a line that is too long"),
        ("HTTP/1.1 200 X\r\n\r\ndata: {\"token\":\"\"}\n\n", "the answer broke off"),
        ("nonsense\r\n\r\n", "the model cannot be asked: "),
    ] {
        let number = asked(&server, &ada, "hi").await;
        upstream.next_request().await.write(raw).await;
        let (_, last, data) = answer(&mut ada, number).await;
        assert!(last == "failed" && data["why"].as_str().expect("a text").starts_with(why), "{why}: {last} {data}");
    }
}

#[tokio::test]
async fn answer_stops_on_request_and_on_disconnect() {
    let mut upstream = Upstream::start().await;
    let server = start(&upstream).await;
    let ada = connect(&server, Wire::Http11).await;
    for _ in 0..2 {
        asked(&server, &ada, "hi").await;
        let mut model = upstream.next_request().await;
        model.start_response(200, &[]).await;
        assert_eq!(server.send_message(&ada.id(), "{\"type\":\"stop\"}").await.status, 202);
        model.wait_for_close().await;
    }
    asked(&server, &ada, "hi").await;
    let mut model = upstream.next_request().await;
    drop(ada);
    model.wait_for_close().await;
    eventually("nothing under way", || async {
        (server.metric("roomcast_plugin_fetches", "").await == 0.0).then_some(())
    })
    .await;
}

#[tokio::test]
async fn invalid_prompts_are_rejected_with_a_reason() {
    let upstream = Upstream::start().await;
    let alone = format!("config.upstream = '{}'", upstream.url("/answer"));
    let server = Builder::default().plugin_with(plugin("relay"), &alone).start().await;
    let ada = connect(&server, Wire::Http11).await;
    let answer = ask(&server, &ada, "hi").await;
    assert!(answer.status == 503 && answer.text().contains("capabilities.http"), "{}", answer.text());
    for message in ["", "{}", "{\"type\":\"ask\",\"prompt\":\" \"}"] {
        assert_eq!(server.send_message(&ada.id(), message).await.status, 400, "{message}");
    }
    let (text, status) = Builder::default().plugin(plugin("relay")).refuses_to_start().await;
    assert!(!status.success() && text.contains("config `upstream` is missing"), "{text}");
}
