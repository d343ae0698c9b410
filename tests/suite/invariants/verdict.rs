//! What the server says about itself, and what its plugins were told, against the model.

use std::collections::{BTreeMap, BTreeSet};

use roomcast_tests::{Server, Wire, eventually};
use serde_json::Value;

use super::world::World;
use super::{By, EVERYBODY, Farewell, Step};

impl World {
    /// Who is there and who is in which room, asked from both sides.
    pub(super) async fn is_consistent(&self) {
        let mut rooms_of = BTreeMap::new();
        let mut members_of: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
        for client in &self.clients {
            let mut rooms: BTreeSet<&str> = client.rooms.iter().copied().collect();
            rooms.insert(EVERYBODY);
            for room in &rooms {
                members_of.entry(room).or_default().insert(client.stream.id());
            }
            rooms_of.insert(client.stream.id(), rooms);
        }
        let listed = self.list("/v1/connections?limit=1000", "connections").await;
        let found: BTreeMap<_, _> =
            listed.iter().map(|view| (text(&view["id"]).to_owned(), texts(&view["rooms"]))).collect();
        let expected: BTreeMap<_, _> = rooms_of.iter().map(|(id, rooms)| (id.clone(), owned(rooms))).collect();
        assert_eq!((listed.len(), found), (expected.len(), expected), "connections and their rooms");

        let listed = self.list("/v1/rooms?limit=1000", "rooms").await;
        let found: BTreeMap<_, _> = listed.iter().map(|view| (text(&view["name"]), view["members"].as_u64())).collect();
        let expected: BTreeMap<_, _> =
            members_of.iter().map(|(room, members)| (*room, Some(members.len() as u64))).collect();
        assert_eq!(found, expected, "rooms and how many are in them");
        for (room, members) in members_of {
            let found = self.list(&format!("/v1/rooms/{room}?limit=1000"), "connections").await;
            assert_eq!(texts(&Value::from(found)), members, "members of {room}");
        }
    }

    async fn list(&self, path: &str, key: &str) -> Vec<Value> {
        let answer = self.server.api_call("GET", path, "").await;
        answer.json()[key].as_array().expect("a list").clone()
    }

    /// Everybody goes: nothing stays, and the plugins know all that they should, and once.
    pub(super) async fn end(mut self) {
        while !self.clients.is_empty() {
            self.close(0, By::Client).await;
        }
        // Departures are told in their order: behind this one, nothing can come too late to be seen.
        self.apply(Step::Connect { wire: Wire::Http11, rooms: Vec::new(), farewell: Farewell::Nothing }).await;
        let fence = self.clients[0].stream.id();
        self.close(0, By::Client).await;
        self.is_consistent().await;
        let server = &self.server;
        for gauge in ["roomcast_connections", "roomcast_rooms"] {
            assert_eq!(server.metric(gauge, "").await, 0.0, "{gauge}");
        }
        let opened = server.metric("roomcast_connections_opened_total", "").await;
        assert_eq!(server.metric("roomcast_disconnects_total", "").await, opened, "each connection has ended once");

        eventually("the last departure", || async {
            let told = server.calls_of("on-disconnect").await;
            told.iter().any(|call| call["connection"] == fence).then_some(())
        })
        .await;
        self.journal_is_complete().await;
        // The journals of the others cannot be read, but their calls are counted.
        for (plugin, not_accepted) in [("rogue", self.told.traps_of_connect), ("last", 0)] {
            let accepted = calls(server, plugin, "on-connect").await - not_accepted as f64;
            eventually(&format!("{accepted} departures told to {plugin}"), || async {
                let told = calls(server, plugin, "on-disconnect").await;
                assert!(told <= accepted, "{plugin}: {told} of {accepted} are told of");
                (told == accepted).then_some(())
            })
            .await;
        }
        assert_eq!(server.metric("roomcast_plugin_traps_total", "rogue").await, self.told.traps as f64, "traps");
        assert_eq!(server.metric("roomcast_plugin_timeouts_total", "").await, 0.0);
    }

    /// What the first plugin has written down.
    async fn journal_is_complete(&self) {
        let (mut ends, mut should_have_left) = (self.told.ends.clone(), self.told.left.clone());
        let mut told = BTreeMap::new();
        for call in self.server.calls_of("on-disconnect").await {
            let before = told.insert(text(&call["connection"]).to_owned(), text(&call["reason"]).to_owned());
            assert_eq!(before, None, "told twice: {call}");
        }
        let mut left: Vec<_> = self.server.calls_of("on-leave").await.iter().map(room_left).collect();
        let mut strangers = 0;
        for call in self.server.calls_of("on-connect").await {
            let id = text(&call["connection"]).to_owned();
            let query = text(&call["request"]["query"]);
            let reason = told.remove(&id);
            let rooms = take(&mut left, &id);
            if query.contains("reject=") {
                assert_eq!((reason, rooms), (None, Vec::new()), "it has rejected {id} itself");
            } else if let Some(expected) = ends.remove(&id) {
                assert_eq!(reason.as_deref(), Some(expected), "why {id} has ended");
                let expected = take(&mut should_have_left, &id);
                assert_eq!(rooms, expected, "the rooms that {id} has left");
            } else {
                strangers += 1;
                let reason = reason.expect("an end");
                assert!(["rejected", "client-closed"].contains(&reason.as_str()), "{id}: {reason}");
                assert_eq!(rooms, joined(query), "the rooms that {id} has left");
            }
        }
        assert_eq!(strangers, self.told.strangers, "who was accepted, and has not seen its own id");
        assert!(told.is_empty() && left.is_empty(), "it never saw them come: {told:?} {left:?}");
        assert!(ends.is_empty() && should_have_left.is_empty(), "it should have seen {ends:?} {should_have_left:?}");
    }
}

async fn calls(server: &Server, plugin: &str, hook: &str) -> f64 {
    server.metric("roomcast_plugin_calls_total", &format!("plugin=\"{plugin}\",hook=\"{hook}\"")).await
}

fn room_left(call: &Value) -> (String, String) {
    (text(&call["connection"]).to_owned(), text(&call["room"]).to_owned())
}

/// Take out all that one connection has left, sorted.
fn take(left: &mut Vec<(String, impl Clone + Into<String>)>, id: &str) -> Vec<String> {
    let own = left.extract_if(.., |(other, _)| other == id);
    let mut rooms: Vec<String> = own.map(|(_, room)| room.into()).collect();
    rooms.sort_unstable();
    rooms
}

/// The rooms that a query has made the probe join, sorted.
fn joined(query: &str) -> Vec<String> {
    let rooms: BTreeSet<_> = query.split('&').filter_map(|pair| pair.strip_prefix("join=")).collect();
    rooms.into_iter().map(Into::into).collect()
}

fn text(value: &Value) -> &str {
    value.as_str().expect("a text")
}

fn texts(list: &Value) -> BTreeSet<String> {
    list.as_array().expect("a list").iter().map(|text| self::text(text).to_owned()).collect()
}

fn owned(rooms: &BTreeSet<&str>) -> BTreeSet<String> {
    rooms.iter().map(|room| (*room).to_owned()).collect()
}
