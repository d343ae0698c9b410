//! A crowd sees nothing of a hundred reloads: 5,000 streams, numbered events and chat, while the plugin is replaced again
//! and again. Each gets everything, once and in order, and no stream ends.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use roomcast_tests::{Builder, Deployed, EventStream, Received, Server, Wire, eventually, plugin};
use serde_json::{Value, json};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::{MissedTickBehavior, interval};

const CROWD: usize = 5_000;
const ROOMS: usize = 50;
/// Members who talk, each in a room of its own.
const TALKERS: usize = 8;
const RELOADS: usize = 100;
/// At each multiple of this another version lies in the file, and is found there; in between the same one is loaded again.
const NEW_FILE: usize = 5;
/// How long the publisher waits between two events.
const PACE: Duration = Duration::from_millis(50);
/// The last event of all.
const END: &str = "end";

fn room(member: usize) -> String {
    format!("room-{}", member % ROOMS)
}

/// What one member has got: the numbers, and what was said in its room, by whom.
#[derive(Default)]
struct Seen {
    numbers: Vec<usize>,
    said: Vec<(String, usize)>,
}

impl Seen {
    fn note(&mut self, event: &Received) {
        match event.event.as_str() {
            "message" => self.numbers.push(event.data.parse().expect("a number")),
            "chat" => {
                let chat: Value = serde_json::from_str(&event.data).expect("JSON");
                let text = |key: &str| chat[key].as_str().expect("a text").to_owned();
                self.said.push((text("name"), text("text").parse().expect("a number")));
            }
            "welcome" | "presence" => {}
            other => panic!("an event {other}"),
        }
    }
}

/// Read until the last event; an end of the stream before it is a failure.
async fn read(mut stream: EventStream) -> (EventStream, Seen) {
    let mut seen = Seen::default();
    loop {
        let event = stream.event().await;
        if event.data == END {
            return (stream, seen);
        }
        seen.note(&event);
        stream.bytes.clear();
    }
}

/// One of the crowd; what it reads is read at once, as a client does.
struct Member {
    id: String,
    reading: JoinHandle<(EventStream, Seen)>,
}

async fn crowd(server: &Arc<Server>) -> Vec<Member> {
    let mut tasks = Vec::new();
    // From several addresses and a few at a time, so that neither ports nor file descriptors run out.
    for part in 0..10 {
        let server = server.clone();
        tasks.push(tokio::spawn(async move {
            let mut members = Vec::new();
            for number in (part..CROWD).step_by(10) {
                let path = format!("/sse?name=member-{number}&room={}", room(number));
                let from = Some([127, 0, 1, part as u8 + 1]);
                // Most over HTTP/1.1, as in life; some over the others.
                let wire = if number % 25 == 0 { Wire::ALL[number / 25 % 3] } else { Wire::Http11 };
                let stream = server.connect_from(wire, &path, &[], from).await;
                members.push((number, Member { id: stream.id(), reading: tokio::spawn(read(stream)) }));
            }
            members
        }));
    }
    let mut members = Vec::new();
    for task in tasks {
        members.extend(task.await.expect("connected"));
    }
    members.sort_by_key(|(number, _)| *number);
    members.into_iter().map(|(_, member)| member).collect()
}

/// Do something again and again until it is to end; how often it was done.
async fn at_a_pace(mut ended: watch::Receiver<bool>, action: impl AsyncFn(usize)) -> usize {
    let mut pace = interval(PACE);
    pace.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut done = 0;
    while !*ended.borrow_and_update() {
        pace.tick().await;
        action(done).await;
        done += 1;
    }
    done
}

async fn reload_again_and_again(server: &Server, file: &Deployed) {
    for number in 1..=RELOADS {
        if number % NEW_FILE == 0 {
            file.replace_with_version(plugin("lobby"), ["even", "odd"][number / NEW_FILE % 2]);
            server.wait_for_status("lobby", "reloaded", |status| status["generation"] == number + 1).await;
        } else {
            server.reload("lobby").await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "slow: cargo xtask test --all"]
async fn events_across_reloads_are_neither_lost_repeated_nor_reordered() {
    let file = Deployed::new("lobby", plugin("lobby"));
    let config = "[reload]\ndebounce = '20ms'";
    let server = Arc::new(Builder::default().config(config).plugin(file.path()).start().await);
    let members = crowd(&server).await;
    assert_eq!(server.connections().await, CROWD as u64);

    let (end, ended) = watch::channel(false);
    let reloads = async {
        reload_again_and_again(&server, &file).await;
        end.send(true).expect("a receiver");
    };
    let publish = at_a_pace(ended.clone(), async |number| {
        assert_eq!(server.publish("__all", &number.to_string()).await, CROWD as u64);
    });
    let talk = |talker: &Member| {
        let (server, id) = (&server, talker.id.clone());
        at_a_pace(ended.clone(), async move |number| {
            let said = json!({"type": "say", "text": number.to_string()}).to_string();
            let answer = server.send_message(&id, &said).await;
            assert_eq!(answer.status, 202, "message {number}: {}", answer.text());
        })
    };
    let (published, said, ()) = tokio::join!(publish, join_all(members[..TALKERS].iter().map(talk)), reloads);

    assert_eq!(server.publish("__all", END).await, CROWD as u64, "no stream has ended");
    let mut streams = Vec::new();
    for (number, member) in members.into_iter().enumerate() {
        let (stream, seen) = member.reading.await.expect("a stream that went on");
        assert!(seen.numbers.iter().copied().eq(0..published), "member {number}: {:?}", seen.numbers);
        // The first members talk, each in its own room.
        let talker = number % ROOMS;
        let expected = (0..said.get(talker).copied().unwrap_or(0)).map(|text| (format!("member-{talker}"), text));
        assert!(seen.said.iter().cloned().eq(expected), "member {number}: {:?}", seen.said);
        streams.push(stream);
    }
    assert_eq!(server.connections().await, CROWD as u64);
    assert_eq!(server.metric("roomcast_disconnects_total", "").await, 0.0);
    assert_eq!(server.metric("roomcast_plugin_reloads_total", "").await, RELOADS as f64);
    assert_eq!(server.metric("roomcast_plugin_reloads_total", "outcome=\"reloaded\"").await, RELOADS as f64);
    let status = server.status("lobby").await;
    assert_eq!((&status["generation"], &status["restarts"]), (&json!(RELOADS + 1), &json!(0)), "{status}");

    // Whoever came before the first reload is told to the last version when he goes.
    drop(streams);
    eventually("every departure is reported", || async {
        let told = server.metric("roomcast_plugin_calls_total", "hook=\"on-disconnect\"").await;
        (told == CROWD as f64).then_some(())
    })
    .await;
    assert_eq!(server.metric("roomcast_rooms", "").await, 0.0);
}
