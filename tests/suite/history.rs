//! History: what rooms keep, and how streams resume from it.

use roomcast_tests::{Builder, EventStream, Server, Wire};
use serde_json::{Value, json};

use crate::on_every_wire;

const KEEPS: &str = "[history]\nevents = 5\n[endpoint]\nroom_parameter = 'room'\nrewind_parameter = 'rewind'";

async fn server() -> Server {
    Server::without_plugins().config(KEEPS).start().await
}

/// Publish to a room that keeps history; the event's id.
async fn publish(server: &Server, room: &str, data: &str) -> String {
    let event = json!({ "data": data }).to_string();
    let answer = server.api_call("POST", &format!("/v1/rooms/{room}/events"), event).await.json();
    answer["id"].as_str().unwrap_or_else(|| panic!("it is kept: {answer}")).to_owned()
}

async fn resume(server: &Server, wire: Wire, path: &str, id: &str) -> EventStream {
    server.connect_with(wire, path, &[("last-event-id", id)]).await
}

fn verdict(event: &roomcast_tests::Received) -> Value {
    assert_eq!(event.event, "roomcast.resume");
    serde_json::from_str(&event.data).expect("JSON")
}

async fn is_next(stream: &mut EventStream, data: &str, id: &str) {
    let event = stream.event().await;
    assert_eq!((event.data.as_str(), event.id.as_str()), (data, id));
}

on_every_wire! {
    /// A client that comes back gets what its rooms have had since, once and in order, and then what is new.
    async fn stream_resumes_after_the_last_event_seen(wire) {
        let server = server().await;
        let path = "/sse?room=tea&room=cake";
        let mut first = server.connect(wire, path).await;
        let seen = publish(&server, "tea", "1").await;
        is_next(&mut first, "1", &seen).await;
        drop(first);
        let second = publish(&server, "cake", "2").await;
        publish(&server, "elsewhere", "x").await;
        let third = publish(&server, "tea", "3").await;
        let mut again = resume(&server, wire, path, &seen).await;
        assert_eq!(again.headers["roomcast-resume"], "resumed");
        let told = verdict(&again.event().await);
        assert_eq!((&told["state"], &told["replay"], &told["from"]), (&"resumed".into(), &2.into(), &seen.as_str().into()));
        is_next(&mut again, "2", &second).await;
        is_next(&mut again, "3", &third).await;
        let live = again.event().await;
        assert_eq!((live.event.as_str(), live.data.as_str()), ("roomcast.live", "{}"));
        let fourth = publish(&server, "tea", "4").await;
        is_next(&mut again, "4", &fourth).await;
    }

    /// What is gone is named, and what is left is given.
    async fn gap_is_told_by_the_room(wire) {
        let server = server().await;
        let first = publish(&server, "tea", "1").await;
        for number in 2..=7 {
            publish(&server, "tea", &number.to_string()).await;
        }
        let mut stream = resume(&server, wire, "/sse?room=tea&room=cake", &first).await;
        let told = verdict(&stream.event().await);
        assert_eq!((&told["state"], &told["replay"]), (&"gap".into(), &5.into()));
        assert_eq!(told["rooms"]["tea"]["reason"], "too-old");
        assert!(told["rooms"]["cake"].is_null(), "{told}");
        assert_eq!(stream.event().await.data, "3");
        server.api_call("DELETE", "/v1/rooms/tea/history", "").await;
        let told = verdict(&resume(&server, wire, "/sse?room=tea", &first).await.event().await);
        assert_eq!((&told["rooms"]["tea"]["reason"], &told["replay"]), (&"cleared".into(), &0.into()));
    }

    /// Whatever a client sends as an id, it gets a stream: an error would end a browser's for good.
    async fn ids_of_others_are_told_and_refuse_nothing(wire) {
        let server = server().await;
        publish(&server, "tea", "1").await;
        let long = "x".repeat(1_000);
        for (id, state) in [("bbbbbbbb.1", "reset"), ("7", "unknown"), ("aaaaaaaa.-1", "unknown"), (&long, "unknown")] {
            let mut stream = resume(&server, wire, "/sse?room=tea", id).await;
            assert_eq!(verdict(&stream.event().await)["state"], state, "{id}");
            publish(&server, "tea", "live").await;
            assert_eq!(stream.event().await.data, "live");
        }
    }

    /// A new client gets as many earlier events as it asks for.
    async fn rewind_gives_earlier_events(wire) {
        let server = server().await;
        for number in 1..=3 {
            publish(&server, "tea", &number.to_string()).await;
        }
        let mut stream = server.connect(wire, "/sse?room=tea&rewind=2").await;
        assert_eq!(verdict(&stream.event().await)["state"], "fresh");
        assert_eq!(stream.event().await.data, "2");
        assert_eq!(stream.event().await.data, "3");
        assert_eq!(stream.event().await.event, "roomcast.live");
        let refused = server.try_connect(wire, "/sse?room=tea&rewind=soon").await.err().expect("refused");
        assert_eq!(refused.status, 400, "{}", refused.text());
    }
}

/// A client learns its place before the first event comes.
#[tokio::test]
async fn stream_without_events_can_be_resumed() {
    let server = server().await;
    let mut stream = server.connect(Wire::Http11, "/sse?room=tea").await;
    stream.comment().await;
    let position = server.api_call("GET", "/v1/position", "").await.json()["id"].as_str().expect("an id").to_owned();
    assert!(position.ends_with(".0"), "{position}");
    let missed = publish(&server, "tea", "missed").await;
    is_next(&mut stream, "missed", &missed).await;
    assert!(String::from_utf8_lossy(&stream.bytes).contains(&format!("id: {position}\n\n")));
    let mut again = resume(&server, Wire::Http11, "/sse?room=tea", &position).await;
    assert_eq!(verdict(&again.event().await)["replay"], 1);
    is_next(&mut again, "missed", &missed).await;
}

#[tokio::test]
async fn api_shows_and_deletes_what_a_room_has_kept() {
    let server = server().await;
    let mut ids = Vec::new();
    for number in 1..=7 {
        ids.push(publish(&server, "tea", &format!("{number}\nnext line")).await);
    }
    let all = server.api_call("GET", "/v1/rooms/tea/history", "").await.json();
    assert_eq!((&all["oldest"], &all["newest"], &all["complete"]), (&json!(ids[2]), &json!(ids[6]), &json!(false)));
    assert_eq!(all["events"].as_array().map(Vec::len), Some(5));
    assert_eq!((&all["events"][0]["id"], &all["events"][0]["data"]), (&json!(ids[2]), &json!("3\nnext line")));
    let path = format!("/v1/rooms/tea/history?after={}&limit=1&order=desc", ids[4]);
    let some = server.api_call("GET", &path, "").await.json();
    assert_eq!((&some["complete"], &some["events"][0]["id"]), (&json!(true), &json!(ids[6])));
    assert_eq!(server.metric("roomcast_history_events", "").await, 5.0);
    for bad in ["?after=7", "?order=up", "?limit=0"] {
        assert_eq!(server.api_call("GET", &format!("/v1/rooms/tea/history{bad}"), "").await.status, 400, "{bad}");
    }
    assert_eq!(server.api_call("DELETE", "/v1/rooms/tea/history", "").await.status, 204);
    let none = server.api_call("GET", "/v1/rooms/tea/history", "").await.json();
    assert_eq!((&none["events"], &none["oldest"]), (&json!([]), &Value::Null));
}

#[tokio::test]
async fn server_numbers_the_events_of_such_rooms_alone_and_its_own_names_are_refused() {
    let config = "[[rooms]]\nmatch = ['kept:*']\nevents = 5";
    let server = Server::without_plugins().config(config).start().await;
    let publish = async |room: &str, event: Value| {
        server.api_call("POST", &format!("/v1/rooms/{room}/events"), event.to_string()).await
    };
    let own = json!({ "data": "x", "id": "7" });
    assert_eq!(publish("other", own.clone()).await.json(), json!({ "receivers": 0 }));
    let refused = publish("kept:1", own).await;
    assert_eq!(refused.status, 400, "{}", refused.text());
    assert!(refused.text().contains("numbers its events"), "{}", refused.text());
    for kind in ["roomcast.resume", "roomcast."] {
        assert_eq!(publish("other", json!({ "data": "x", "event": kind })).await.status, 400, "{kind}");
    }
    assert_eq!(server.api_call("GET", "/v1/rooms/other/history", "").await.status, 404);
}

#[tokio::test]
async fn rules_without_a_meaning_are_refused() {
    for (config, words) in [
        ("[[rooms]]\nmatch = []", "names no room"),
        ("[[rooms]]\nmatch = ['a']\nrewind = '5'", "needs `events`"),
        ("[[rooms]]\nmatch = ['a']\nevents = 1\nrewind = 'soon'", "a number of events"),
        ("[history]\ntell = 'a b'", "letters, digits"),
        ("[history]\nevent = 1", "did you mean `events`"),
    ] {
        let (said, status) = Builder::default().config(config).refuses_to_start().await;
        assert!(said.contains(words) && status.code() == Some(64), "{config}: {said}");
    }
}

/// A reader that is slow loses nothing while the room has what it has missed, and holds no more than a page.
#[tokio::test]
async fn slow_reader_catches_up() {
    let config = "[history]\nevents = 5000\nbytes = '64MiB'\n[endpoint]\nroom_parameter = 'room'\n\
                  [limits]\noutbox_bytes = '32KiB'\nsend_buffer = '4KiB'";
    let server = Server::without_plugins().config(config).start().await;
    let mut slow = server.connect(Wire::Http11, "/sse?room=tea").await;
    let data = "x".repeat(4_000);
    for number in 0..1_000 {
        publish(&server, "tea", &format!("{number} {data}")).await;
    }
    for number in 0..1_000 {
        let event = slow.event().await;
        assert_eq!(event.data.split(' ').next(), Some(number.to_string().as_str()), "{}", event.event);
    }
    assert_eq!(server.metric("roomcast_disconnects_total", "reason=\"slow-consumer\"").await, 0.0);
    assert!(server.metric("roomcast_replayed_events_total", "").await > 0.0);
}

#[tokio::test]
async fn rules_are_read_again() {
    let server = Server::without_plugins().config("[endpoint]\nroom_parameter = 'room'").start().await;
    server.publish("tea", "before").await;
    let file = server.dir().join("roomcast.toml");
    let text = std::fs::read_to_string(&file).expect("the configuration");
    std::fs::write(&file, format!("{text}\n[history]\nevents = 5\n")).expect("written");
    server.signal("HUP");
    server.wait_for_log("configuration reloaded").await;
    let kept = publish(&server, "tea", "kept").await;
    let mut stream = resume(&server, Wire::Http11, "/sse?room=tea", &kept.replace(".1", ".0")).await;
    assert_eq!(verdict(&stream.event().await)["state"], "resumed");
    is_next(&mut stream, "kept", &kept).await;
}
