//! A server, and the model of what should be in it.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use futures_util::future::{join_all, join3};
use roomcast_tests::{Answer, Builder, EventStream, Server, Wire, test_guest, within_deadline};
use serde_json::json;

use super::visit::{Outcome, Visit};
use super::{By, Disturbance, EVERYBODY, Farewell, PRIVATE, Room, Step, TRAP, Via, Who};

/// Nothing here may end because a busy machine is slow.
const LIMITS: &str = "[plugins.limits]\ndeadline = \"25s\"\nqueue_time = \"25s\"";

pub(super) struct World {
    pub(super) server: Server,
    pub(super) clients: Vec<Client>,
    pub(super) told: Told,
    published: u32,
}

/// A connection that is open.
pub(super) struct Client {
    pub(super) stream: EventStream,
    pub(super) rooms: BTreeSet<Room>,
    /// The data of all events that it gets.
    expected: Vec<String>,
    farewell: Farewell,
}

/// What the plugins should have been told.
#[derive(Default)]
pub(super) struct Told {
    /// How each connection that was let in has ended.
    pub(super) ends: BTreeMap<String, &'static str>,
    /// Of those: every time that one has left a room, as far as plugins hear of it. Sorted in the end.
    pub(super) left: Vec<(String, Room)>,
    /// Connections that the first plugin has accepted, and of which no client has seen the id.
    pub(super) strangers: usize,
    /// Connections that the first plugin has rejected.
    pub(super) rejected: usize,
    /// How often the rogue has trapped, and how often of those in `on-connect`.
    pub(super) traps: usize,
    pub(super) traps_of_connect: usize,
}

impl World {
    pub(super) async fn new() -> Self {
        let plugins = [("probe", "first"), ("rogue", "rogue"), ("probe", "last")];
        // A sequence that fails is done hundreds of times until it is short, and each time the log would be shown.
        let quiet = Builder::default().args(["--set", "log.level=error"]);
        let builder = plugins.into_iter().fold(quiet, |builder, (guest, name)| {
            builder.plugin_with(test_guest(guest), &format!("name = \"{name}\"\n{LIMITS}"))
        });
        Self { server: builder.start().await, clients: Vec::new(), told: Told::default(), published: 0 }
    }

    pub(super) async fn apply(&mut self, step: Step) {
        match step {
            Step::Connect { wire, rooms, farewell } => self.connect(wire, rooms, farewell).await,
            Step::Visits(visits, disturbance) => self.visits(visits, disturbance).await,
            Step::Join(who, room, via) => {
                if let Some(who) = self.one(who) {
                    self.join(who, room, via).await;
                }
            }
            Step::Leave(who, room, via) => {
                if let Some(who) = self.one(who) {
                    self.leave(who, room, via).await;
                }
            }
            Step::Publish(room) => {
                let (data, receivers) = (self.next_data(), self.expect_in(room));
                assert_eq!(publish(&self.server, room, &data).await, receivers, "receivers in {room}");
            }
            Step::Send(who) => {
                let data = self.next_data();
                if let Some(who) = self.one(who) {
                    let client = &mut self.clients[who];
                    let command = json!({"op": "send-event", "event": {"data": data}});
                    self.server.probe(&client.stream, command).await.expect("sent");
                    client.expected.push(data);
                }
            }
            Step::Disturb(disturbance) => self.told.traps += disturb(&self.server, disturbance).await,
            Step::Close(who, by) => {
                if let Some(who) = self.one(who) {
                    self.close(who, by).await;
                }
            }
        }
    }

    fn one(&self, who: Who) -> Option<usize> {
        who.checked_rem(self.clients.len())
    }

    async fn connect(&mut self, wire: Wire, rooms: Vec<Room>, farewell: Farewell) {
        let mut path = String::from("/sse?");
        rooms.iter().for_each(|room| path.push_str(&format!("join={room}&")));
        if farewell == Farewell::Trap {
            path.push_str("tag=trap");
        }
        let connecting = async {
            loop {
                match self.server.try_connect(wire, &path).await {
                    Ok(stream) => return stream,
                    Err(answer) => assert!(is_down(&answer), "{}: {}", answer.status, answer.text()),
                }
                // The first plugin had accepted it.
                self.told.strangers += 1;
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        let stream = within_deadline("a stream", connecting).await;
        // The rogue's first event.
        let expected = vec!["\"ok\"".to_owned()];
        self.clients.push(Client { stream, rooms: rooms.into_iter().collect(), expected, farewell });
    }

    async fn visits(&mut self, visits: Vec<Visit>, disturbance: Disturbance) {
        let data: Vec<_> = (0..3).map(|_| self.next_data()).collect();
        for data in &data {
            self.clients.iter_mut().for_each(|client| client.expected.push(data.clone()));
        }
        let publishing = async {
            for data in &data {
                publish(&self.server, EVERYBODY, data).await;
            }
        };
        let disturbing = Box::pin(disturb(&self.server, disturbance));
        let visiting = join_all(visits.iter().map(|visit| visit.make(&self.server)));
        let (outcomes, (), traps) = join3(visiting, publishing, disturbing).await;
        self.told.traps += traps;
        for outcome in outcomes {
            match outcome {
                Outcome::Rejected => self.told.rejected += 1,
                Outcome::Accepted => self.told.strangers += 1,
                Outcome::Trapped => {
                    self.told.strangers += 1;
                    self.told.traps += 1;
                    self.told.traps_of_connect += 1;
                }
            }
        }
        self.server.wait_for_connections(self.clients.len() as u64).await;
    }

    async fn join(&mut self, who: usize, room: Room, via: Via) {
        let client = &mut self.clients[who];
        if via == Via::Plugin {
            self.server.probe(&client.stream, json!({"op": "join", "room": room})).await.expect("joined");
            client.rooms.insert(room);
            return;
        }
        let id = client.stream.id();
        let path = format!("/v1/connections/{id}/rooms/{room}");
        let (answer, tries) = running(async || self.server.api_call("PUT", &path, "").await).await;
        let status = match room {
            _ if client.rooms.contains(room) => 204,
            PRIVATE => 403,
            TRAP => 503,
            _ => 204,
        };
        assert_eq!(answer.status, status, "joining {room}: {}", answer.text());
        // As often as the first plugin has agreed and the rogue has not.
        let in_vain = tries - 1 + usize::from(status == 503);
        self.told.left.extend(std::iter::repeat_n((id, room), in_vain));
        match status {
            204 => drop(client.rooms.insert(room)),
            503 => self.told.traps += 1,
            _ => {}
        }
    }

    async fn leave(&mut self, who: usize, room: Room, via: Via) {
        let client = &mut self.clients[who];
        let was_in = client.rooms.remove(room);
        if via == Via::Plugin {
            self.server.probe(&client.stream, json!({"op": "leave", "room": room})).await.expect("left");
            return;
        }
        let id = client.stream.id();
        let answer = self.server.api_call("DELETE", &format!("/v1/connections/{id}/rooms/{room}"), "").await;
        assert_eq!(answer.status, 204, "leaving {room}: {}", answer.text());
        if was_in {
            self.told.has_left(id, room);
        }
    }

    pub(super) async fn close(&mut self, who: usize, by: By) {
        let mut client = self.clients.swap_remove(who);
        let id = client.stream.id();
        let reason = match by {
            By::Client => {
                for data in &client.expected {
                    assert_eq!(&client.stream.event().await.data, data);
                }
                "client-closed"
            }
            By::Operator => {
                let answer = self.server.api_call("DELETE", &format!("/v1/connections/{id}"), "").await;
                assert_eq!(answer.status, 204, "{}", answer.text());
                "operator-closed"
            }
            By::Plugin => {
                self.server.probe(&client.stream, json!({"op": "close"})).await.expect("closed");
                "plugin-closed"
            }
        };
        if by != By::Client {
            let data: Vec<_> = client.stream.events_to_end().await.into_iter().map(|event| event.data).collect();
            assert_eq!(data, client.expected);
        }
        drop(client.stream);
        for room in client.rooms {
            self.told.has_left(id.clone(), room);
        }
        self.told.traps += usize::from(client.farewell == Farewell::Trap);
        self.told.ends.insert(id, reason);
        self.server.wait_for_connections(self.clients.len() as u64).await;
    }

    /// Text that was not sent before.
    fn next_data(&mut self) -> String {
        self.published += 1;
        format!("event {}", self.published)
    }

    /// The next event goes to this room; how many get it.
    fn expect_in(&mut self, room: Room) -> u64 {
        let data = format!("event {}", self.published);
        let members = self.clients.iter_mut().filter(|client| room == EVERYBODY || client.rooms.contains(room));
        members.map(|client| client.expected.push(data.clone())).count() as u64
    }
}

impl Told {
    fn has_left(&mut self, id: String, room: Room) {
        self.traps += usize::from(room == TRAP);
        self.left.push((id, room));
    }
}

/// How often the rogue traps by it.
async fn disturb(server: &Server, (method, path, body, status): Disturbance) -> usize {
    let answer = running(async || server.api_call(method, path, body).await).await.0;
    assert_eq!(answer.status, status, "{method} {path}: {}", answer.text());
    usize::from(status == 503)
}

async fn publish(server: &Server, room: Room, data: &str) -> u64 {
    let body = json!({ "data": data }).to_string();
    let path = format!("/v1/rooms/{room}/events");
    let answer = running(async || server.api_call("POST", &path, body.clone()).await).await.0;
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()["receivers"].as_u64().expect("a number")
}

/// Whether this is because the rogue has trapped before, and does not run yet.
pub(super) fn is_down(answer: &Answer) -> bool {
    answer.status == 503 && answer.text().contains("is being started again")
}

/// Ask until the rogue runs: the answer, and how often it was asked for.
async fn running(mut ask: impl AsyncFnMut() -> Answer) -> (Answer, usize) {
    let asking = async {
        let mut tries = 1;
        loop {
            let answer = ask().await;
            if !is_down(&answer) {
                return (answer, tries);
            }
            tries += 1;
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    within_deadline("an answer of a plugin that runs", asking).await
}
