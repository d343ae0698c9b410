//! The lobby on a fake hub.

use std::time::Duration;

use roomcast_sdk::testing::FakeHub;
use roomcast_sdk::{Connection, DisconnectReason, Event, Reply};
use serde_json::{Value, json};

use crate::presence::GATHER;
use crate::{Lobby, Person};

type Hub = FakeHub<Lobby>;

fn start() -> Hub {
    Hub::start().expect("starts")
}

/// What a connection has received: each event's name and data.
fn received(hub: &mut Hub, connection: Connection) -> Vec<(String, Value)> {
    let read = |event: Event| (event.event.expect("named"), serde_json::from_str(&event.data).expect("JSON"));
    hub.received(connection).into_iter().map(read).collect()
}

/// Ada and Bob in the room `tea`, everything told.
fn ada_and_bob() -> (Hub, Connection, Connection) {
    let mut hub = start();
    let ada = hub.connect("/sse?name=Ada&room=tea").expect("accepted");
    let bob = hub.connect("/sse?name=Bob&room=tea").expect("accepted");
    hub.advance(GATHER);
    hub.received(ada);
    hub.received(bob);
    (hub, ada, bob)
}

fn presence(room: &str, count: u32, joined: &[&str], left: &[&str]) -> (String, Value) {
    let data = json!({"room": room, "count": count, "joined": joined, "left": left, "more": 0});
    ("presence".into(), data)
}

fn welcome(connection: Connection, name: &str, room: &str, people: &[&str]) -> (String, Value) {
    let id = connection.to_string();
    let data = json!({"connection": id, "name": name, "room": room, "count": people.len(), "people": people});
    ("welcome".into(), data)
}

#[test]
fn an_arrival_is_welcomed_at_once_and_told_later() {
    let mut hub = start();
    let ada = hub.connect("/sse?name=Ada&room=tea").expect("accepted");
    assert_eq!(received(&mut hub, ada), [welcome(ada, "Ada", "tea", &["Ada"])]);
    assert_eq!((ada.tag(), ada.rooms()), (Ok(Some("Ada".into())), Ok(vec!["__all".into(), "tea".into()])));
    let bob = hub.connect("/sse?name=+Bob+&room=tea").expect("accepted");
    assert_eq!(received(&mut hub, bob), [welcome(bob, "Bob", "tea", &["Ada", "Bob"])]);
    hub.advance(GATHER);
    assert_eq!(received(&mut hub, ada), [presence("tea", 2, &["Ada", "Bob"], &[])]);
    assert_eq!(hub.timers(), 0);
}

#[test]
fn name_and_room_have_defaults() {
    let mut hub = start();
    let somebody = hub.connect("/sse").expect("accepted");
    let name = format!("guest-{}", &somebody.to_string()[..4]);
    assert_eq!(received(&mut hub, somebody), [welcome(somebody, &name, "lobby", &[&name])]);
}

#[test]
fn bad_names_are_rejected() {
    let mut hub = start();
    let long = "x".repeat(41);
    for query in ["name=", "name=+", "room=a%0Ab", "name=a%00b", &format!("name={long}"), "room=__all"] {
        let rejection = hub.connect(format!("/sse?{query}").as_str()).expect_err(query);
        assert_eq!(rejection.status, 400, "{query}");
        assert!(rejection.body.contains(&query[..4]), "{query}: {}", rejection.body);
    }
    assert!(hub.connect(format!("/sse?name={}", "%C3%B6".repeat(40)).as_str()).is_ok());
    assert_eq!(hub.rooms(), ["__all", "lobby"]);
}

#[test]
fn what_is_said_reaches_the_room() {
    let (mut hub, ada, bob) = ada_and_bob();
    let eve = hub.connect("/sse?name=Eve&room=cake").expect("accepted");
    hub.received(eve);
    assert_eq!(hub.message(ada, r#"{"type":"say","text":"hi \"all\""}"#), Ok(Reply::accepted()));
    let chat = ("chat".to_owned(), json!({"room": "tea", "name": "Ada", "text": "hi \"all\""}));
    assert_eq!(received(&mut hub, ada), std::slice::from_ref(&chat));
    assert_eq!(received(&mut hub, bob), [chat]);
    assert_eq!(received(&mut hub, eve), []);
}

#[test]
fn moving_tells_both_rooms() {
    let (mut hub, ada, bob) = ada_and_bob();
    let eve = hub.connect("/sse?name=Eve&room=cake").expect("accepted");
    hub.advance(GATHER);
    hub.received(eve);
    assert_eq!(hub.message(ada, r#"{"type":"move","room":"cake"}"#), Ok(Reply::accepted()));
    assert_eq!(ada.rooms(), Ok(vec!["__all".into(), "cake".into()]));
    hub.advance(GATHER);
    let at_cake = presence("cake", 2, &["Ada"], &[]);
    assert_eq!(received(&mut hub, ada), [welcome(ada, "Ada", "cake", &["Eve", "Ada"]), at_cake.clone()]);
    assert_eq!(received(&mut hub, eve), [at_cake]);
    assert_eq!(received(&mut hub, bob), [presence("tea", 1, &[], &["Ada"])]);
}

#[test]
fn moving_to_where_one_is_tells_nobody() {
    let (mut hub, ada, bob) = ada_and_bob();
    hub.message(ada, r#"{"type":"move","room":"tea"}"#).expect("taken");
    hub.advance(GATHER);
    assert_eq!(received(&mut hub, ada), [welcome(ada, "Ada", "tea", &["Ada", "Bob"])]);
    assert_eq!(received(&mut hub, bob), []);
}

#[test]
fn a_new_name_is_told() {
    let (mut hub, ada, bob) = ada_and_bob();
    assert_eq!(hub.message(ada, r#"{"type":"name","name":"Eve"}"#), Ok(Reply::accepted()));
    assert_eq!(ada.tag(), Ok(Some("Eve".into())));
    hub.advance(GATHER);
    assert_eq!(received(&mut hub, bob), [presence("tea", 2, &["Eve"], &["Ada"])]);
}

#[test]
fn a_departure_is_told() {
    let (mut hub, ada, bob) = ada_and_bob();
    hub.disconnect(ada, DisconnectReason::ClientClosed);
    hub.advance(GATHER);
    assert_eq!(received(&mut hub, bob), [presence("tea", 1, &[], &["Ada"])]);
    hub.disconnect(bob, DisconnectReason::ClientClosed);
    hub.advance(GATHER);
    assert!(hub.plugin().people.is_empty() && hub.rooms().is_empty());
}

#[test]
fn a_quick_reconnect_is_no_news() {
    let (mut hub, ada, bob) = ada_and_bob();
    hub.disconnect(ada, DisconnectReason::ClientClosed);
    hub.connect("/sse?name=Ada&room=tea").expect("accepted");
    hub.advance(GATHER);
    assert_eq!(received(&mut hub, bob), []);
}

#[test]
fn bad_messages_are_answered_with_what_is_wrong() {
    let (mut hub, ada, bob) = ada_and_bob();
    let long = format!(r#"{{"type":"say","text":"{}"}}"#, "x".repeat(2001));
    let cases = [
        ("hi", "JSON"),
        (r#"{"type":"say"}"#, "text"),
        (r#"{"type":"sing","text":"la"}"#, "sing"),
        (r#"{"type":"say","text":" "}"#, "empty"),
        (&long, "2,000"),
        (r#"{"type":"move","room":""}"#, "room"),
        (r#"{"type":"name","name":"a\nb"}"#, "name"),
    ];
    for (body, named) in cases {
        let why = hub.message(ada, body).expect_err(body);
        assert!(why.body.contains(named), "{body}: {why:?}");
    }
    let why = hub.message(None, r#"{"type":"say","text":"hi"}"#).expect_err("no connection");
    assert!(why.body.contains("Roomcast-Connection"), "{why:?}");
    assert_eq!(received(&mut hub, bob), []);
}

#[test]
fn ten_thousand_arrivals_cost_a_few_broadcasts() {
    let mut hub = start();
    let mut last = None;
    for number in 0..10_000 {
        last = Some(hub.connect(format!("/sse?name=n{number}").as_str()).expect("accepted"));
        hub.advance(Duration::from_micros(100));
    }
    hub.advance(GATHER);
    let broadcasts = hub.broadcasts();
    // They come within a second: four times the timer's 250 ms.
    assert!(broadcasts.len() <= 4, "{} broadcasts", broadcasts.len());
    assert!(broadcasts.iter().all(|told| told.event.data.len() < 1000), "each is small");
    let events = received(&mut hub, last.expect("somebody came"));
    assert_eq!(events[0].1["people"].as_array().expect("a list").len(), 50);
    assert_eq!(events[0].1["count"], 10_000);
    assert_eq!(events[1].1["count"], 10_000);
    assert_eq!(events[1].1["joined"].as_array().expect("a list").len(), 20);
    let told: u64 = broadcasts
        .iter()
        .map(|told| {
            let data: Value = serde_json::from_str(&told.event.data).expect("JSON");
            data["joined"].as_array().expect("a list").len() as u64 + data["more"].as_u64().expect("a number")
        })
        .sum();
    assert_eq!(told, 10_000, "nobody is forgotten");
}

#[test]
fn a_reload_goes_unnoticed() {
    let (mut hub, ada, bob) = ada_and_bob();
    let eve = hub.connect("/sse?name=Eve&room=tea").expect("accepted");
    hub.reload().expect("reloads");
    hub.advance(GATHER);
    assert_eq!(received(&mut hub, ada), [presence("tea", 3, &["Eve"], &[])]);
    hub.message(bob, r#"{"type":"say","text":"still here"}"#).expect("taken");
    assert_eq!(received(&mut hub, eve).pop().expect("a chat").1["name"], "Bob");
    hub.disconnect(ada, DisconnectReason::ClientClosed);
    hub.advance(GATHER);
    assert_eq!(received(&mut hub, eve), [presence("tea", 2, &[], &["Ada"])]);
}

#[test]
fn foreign_state_is_refused() {
    use roomcast_sdk::State;
    let why = Lobby::default().restore(b"{}".to_vec()).expect_err("no lobby");
    assert!(why.contains("people"), "{why}");
}

#[test]
fn after_a_crash_people_are_known_by_their_tags() {
    let (mut hub, ada, bob) = ada_and_bob();
    hub.crash().expect("starts again");
    let eve = hub.connect("/sse?name=Eve&room=tea").expect("accepted");
    assert_eq!(received(&mut hub, eve)[0], welcome(eve, "Eve", "tea", &["Ada", "Bob", "Eve"]));
    hub.message(ada, r#"{"type":"say","text":"hi"}"#).expect("taken");
    assert_eq!(received(&mut hub, bob)[0].1["name"], "Ada");
}

#[test]
fn an_entry_is_small() {
    // On the 32 bits of a component it is half of this.
    assert!(size_of::<(Connection, Person)>() <= 48);
}
