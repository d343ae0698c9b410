//! The relay on a fake hub.

use roomcast_sdk::fetch::{Failure, FetchId};
use roomcast_sdk::testing::{FakeHub, Fetch};
use roomcast_sdk::{Connection, DisconnectReason, Event, Reply, Response};
use serde_json::{Value, json};

use crate::Relay;

type Hub = FakeHub<Relay>;

const MODEL: &str = "http://model.test/answer";

fn start() -> (Hub, Connection) {
    let mut hub = Hub::configured([("upstream", MODEL), ("authorization", "Bearer x")]).expect("starts");
    let ada = hub.connect("/sse").expect("accepted");
    assert_eq!(received(&mut hub, ada), [("welcome".into(), json!({"connection": ada.to_string()}))]);
    (hub, ada)
}

/// What a connection has received: each event's name and data.
fn received(hub: &mut Hub, connection: Connection) -> Vec<(String, Value)> {
    let read = |event: Event| (event.event.expect("named"), serde_json::from_str(&event.data).expect("JSON"));
    hub.received(connection).into_iter().map(read).collect()
}

fn token(ask: u64, text: &str) -> (String, Value) {
    ("token".into(), json!({"ask": ask, "text": text}))
}

fn done(ask: u64) -> (String, Value) {
    ("done".into(), json!({"ask": ask}))
}

fn failed(ask: u64, why: &str) -> (String, Value) {
    ("failed".into(), json!({"ask": ask, "why": why}))
}

/// Ask; the request to the model.
fn ask(hub: &mut Hub, connection: Connection, number: u64) -> Fetch {
    let answer = hub.message(connection, r#"{"type":"ask","prompt":"hi"}"#).expect("taken");
    let body = json!({"ask": number}).to_string();
    assert_eq!(answer, Response::new(202, body).with_header("content-type", "application/json").into());
    hub.fetches().pop().expect("a request")
}

/// The same; the model has begun to answer.
fn answering(hub: &mut Hub, connection: Connection, number: u64) -> FetchId {
    let id = ask(hub, connection, number).id;
    hub.respond(id, 200);
    id
}

#[test]
fn a_question_goes_to_the_model_and_its_answer_comes_back() {
    let (mut hub, ada) = start();
    let asked = ask(&mut hub, ada, 1);
    assert_eq!((&*asked.request.method, &*asked.request.url), ("POST", MODEL));
    let headers =
        [("accept", "text/event-stream"), ("content-type", "application/json"), ("authorization", "Bearer x")];
    assert_eq!(asked.request.headers, headers.map(|(name, value)| (name.to_owned(), value.to_owned())));
    assert_eq!((asked.request.body.as_text(), asked.request.connection), (Some(r#"{"prompt":"hi"}"#), Some(ada)));
    assert_eq!(asked.token, format!("{ada} 1"));
    hub.respond(asked.id, 200);
    hub.chunk(asked.id, "data: {\"token\":\"Hel\"}\n\n");
    assert_eq!(received(&mut hub, ada), [token(1, "Hel")]);
    hub.chunk(asked.id, ": comment\r\nevent: x\r\ndata:{\"token\":\"lo\"}\r\n\r\ndata: {\"tok");
    assert_eq!(received(&mut hub, ada), [token(1, "lo")]);
    hub.chunk(
        asked.id,
        "en\":\", \"}\n\ndata: {\"token\":\"you\"}\n\ndata: {\"token\":\"\"}\ndata: {}\ndata: [DONE]\n\nafter",
    );
    assert_eq!(received(&mut hub, ada), [token(1, ", you"), done(1)]);
    assert!(hub.fetches().is_empty(), "what comes after the end is not read");
    ask(&mut hub, ada, 2);
}

#[test]
fn each_has_its_own_answer() {
    let (mut hub, ada) = start();
    let bob = hub.connect("/sse").expect("accepted");
    hub.received(bob);
    let (for_ada, for_bob) = (answering(&mut hub, ada, 1), answering(&mut hub, bob, 2));
    for (fetch, text) in [(for_ada, "a"), (for_bob, "b"), (for_ada, "A"), (for_bob, "B")] {
        hub.chunk(fetch, format!("data: {{\"token\":\"{text}\"}}\n\n"));
    }
    assert_eq!(received(&mut hub, ada), [token(1, "a"), token(1, "A")]);
    assert_eq!(received(&mut hub, bob), [token(2, "b"), token(2, "B")]);
}

#[test]
fn one_at_a_time_and_it_can_be_stopped() {
    let (mut hub, ada) = start();
    let stop = r#"{"type":"stop"}"#;
    assert_eq!(hub.message(ada, stop), Ok(Reply::accepted()), "there is none");
    answering(&mut hub, ada, 1);
    let again = hub.message(ada, r#"{"type":"ask","prompt":"and?"}"#).expect_err("refused");
    assert!(again.body.contains("one question at a time"), "{again:?}");
    assert_eq!(hub.message(ada, stop), Ok(Reply::accepted()));
    assert!(hub.fetches().is_empty() && received(&mut hub, ada).is_empty());
    answering(&mut hub, ada, 2);
}

#[test]
fn whatever_goes_wrong_is_told() {
    let (mut hub, ada) = start();
    let too_long = "x".repeat(65_537);
    for (number, (chunk, why)) in [
        ("data: nonsense\n", "the model said something that is not JSON"),
        (&*too_long, "the model sent a line that is too long"),
    ]
    .into_iter()
    .enumerate()
    {
        let number = number as u64 + 1;
        let id = answering(&mut hub, ada, number);
        hub.chunk(id, chunk);
        assert_eq!(received(&mut hub, ada), [failed(number, why)]);
        assert!(hub.fetches().is_empty(), "it is cancelled");
    }
    let id = answering(&mut hub, ada, 3);
    hub.chunk(id, vec![0xff]);
    assert_eq!(received(&mut hub, ada), [failed(3, "the model said something that is not JSON")]);
    let id = ask(&mut hub, ada, 4).id;
    hub.respond(id, 500);
    assert_eq!(received(&mut hub, ada), [failed(4, "the model answers with status 500")]);
    let id = answering(&mut hub, ada, 5);
    hub.chunk(id, "data: {\"token\":\"half\"}\n");
    hub.end(id, Ok(()));
    assert_eq!(received(&mut hub, ada), [token(5, "half"), failed(5, "the answer broke off")]);
    let id = ask(&mut hub, ada, 6).id;
    hub.end(id, Err(Failure::Unreachable("connection refused".into())));
    assert_eq!(received(&mut hub, ada), [failed(6, "the model cannot be asked: connection refused")]);
    ask(&mut hub, ada, 7);
}

#[test]
fn nobody_is_told_of_a_question_whose_asker_has_gone() {
    let (mut hub, ada) = start();
    answering(&mut hub, ada, 1);
    hub.disconnect(ada, DisconnectReason::ClientClosed);
    assert!(received(&mut hub, ada).is_empty() && hub.plugin().questions.is_empty() && hub.fetches().is_empty());
}

#[test]
fn an_answer_goes_on_after_a_reload_and_is_told_to_be_lost_after_a_crash() {
    let (mut hub, ada) = start();
    let id = answering(&mut hub, ada, 1);
    hub.chunk(id, "data: {\"token\":\"he");
    hub.reload().expect("reloads");
    hub.chunk(id, "re\"}\n");
    assert_eq!(received(&mut hub, ada), [token(1, "here")]);
    hub.crash().expect("starts");
    assert_eq!(received(&mut hub, ada), [failed(1, "the plugin was started again")]);
    ask(&mut hub, ada, 1);
}

#[test]
fn nonsense_is_refused() {
    assert!(Hub::start().expect_err("no model").contains("`upstream`"));
    let (mut hub, ada) = start();
    let long = json!({"type": "ask", "prompt": "x".repeat(4_001)}).to_string();
    for message in ["", "{}", "[]", r#"{"type":"ask"}"#, r#"{"type":"ask","prompt":" "}"#, &long] {
        assert!(hub.message(ada, message).is_err(), "{message}");
    }
    assert!(hub.message(None, r#"{"type":"stop"}"#).expect_err("whose?").body.contains("Roomcast-Connection"));
    assert!(hub.fetches().is_empty());
}

#[test]
fn what_the_server_does_not_allow_is_the_servers_fault() {
    let mut hub = Hub::configured([("upstream", "nonsense")]).expect("starts");
    let ada = hub.connect("/sse").expect("accepted");
    let answer = hub.message(ada, r#"{"type":"ask","prompt":"hi"}"#).expect("an answer");
    let Reply::Answer(Response { status: 503, body, .. }) = answer else { panic!("{answer:?}") };
    assert!(body.as_text().expect("text").contains("request.url"), "{body:?}");
}
