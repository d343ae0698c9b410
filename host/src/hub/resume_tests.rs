//! Whatever happens, a client gets each event of its rooms once and in order, or is told by name what it did not get. With real shards,
//! and streams that are cut at any byte.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use proptest::prelude::*;

use super::*;
use crate::event::{ConnectionId, Event, EventReader, Received};

const ROOMS: [&str; 4] = ["a", "b", "c", "d"];

#[derive(Debug, Clone)]
enum Action {
    Publish(Vec<usize>),
    Join(usize),
    Leave(usize),
    /// The client reads this much.
    Read(usize),
    /// The stream breaks after this many more bytes.
    Cut(usize),
}

fn actions() -> impl Strategy<Value = Vec<Action>> {
    let action = prop_oneof![
        6 => prop::collection::vec(0..ROOMS.len(), 1..3).prop_map(Action::Publish),
        1 => (0..ROOMS.len()).prop_map(Action::Join),
        1 => (0..ROOMS.len()).prop_map(Action::Leave),
        3 => (0..400usize).prop_map(Action::Read),
        1 => (0..400usize).prop_map(Action::Cut),
    ];
    prop::collection::vec(action, 1..150)
}

fn room(index: usize) -> RoomName {
    RoomName::new(ROOMS[index]).expect("a name")
}

/// A client that resumes, with what it has seen.
struct Client {
    hub: Hub,
    id: ConnectionId,
    body: Arc<BodyQueue>,
    reader: EventReader,
    last_id: String,
    /// The numbers of the events that it has got, in order.
    got: Vec<u64>,
    /// Rooms that it was told to have missed something of.
    told: BTreeSet<String>,
    rooms: BTreeSet<usize>,
    /// What has come down this stream.
    stream: String,
    /// Bytes that were taken from the body, and not read yet.
    buffer: Vec<u8>,
}

impl Client {
    fn connect(hub: &Hub, rooms: &BTreeSet<usize>, last_id: &str) -> (ConnectionId, Arc<BodyQueue>) {
        let mut admitted = hub.open(([127, 0, 0, 1], 1).into()).expect("a place").admit(Accepted::BY_NOBODY);
        for index in rooms {
            hub.join(admitted.id(), &room(*index)).expect("joined");
        }
        admitted.resume(|| ResumeRequest { last_event_id: Some(last_id.to_owned()), rewind: None });
        let (id, body) = (admitted.id(), admitted.body(Cut::default()));
        drop(admitted.attach(Transport::Body(body.clone())));
        (id, body)
    }

    fn new(hub: &Hub) -> Self {
        let rooms = BTreeSet::from([0, 1]);
        let (id, body) = Self::connect(hub, &rooms, "");
        let (reader, got, told) = (EventReader::default(), Vec::new(), BTreeSet::new());
        Self {
            hub: hub.clone(),
            id,
            body,
            reader,
            last_id: String::new(),
            got,
            told,
            rooms,
            stream: String::new(),
            buffer: Vec::new(),
        }
    }

    /// Take what has come, up to so many bytes; false when there is nothing.
    fn read(&mut self, most: usize) -> bool {
        if self.buffer.is_empty()
            && let Poll::Ready(Some(Ok(bytes))) = self.body.poll_next(&mut Context::from_waker(Waker::noop()))
        {
            self.buffer = bytes.to_vec();
        }
        let rest = self.buffer.split_off(most.min(self.buffer.len()));
        let bytes = std::mem::replace(&mut self.buffer, rest);
        for received in self.reader.push(&bytes) {
            let Received::Event(event) = received else { continue };
            match event.kind() {
                "roomcast.resume" | "roomcast.gap" => self.note(&event.data),
                "roomcast.live" => {}
                _ => self.got.push(event.data.parse().expect("a number")),
            }
        }
        self.stream.push_str(str::from_utf8(&bytes).expect("ASCII"));
        // As in a browser: an id counts once the blank line has come that ends its block.
        let blocks = self.stream.rsplit_once("\n\n").map_or("", |(blocks, _)| blocks);
        if let Some(id) = blocks.lines().rev().find_map(|line| line.strip_prefix("id: ")) {
            self.last_id = id.to_owned();
        }
        !bytes.is_empty()
    }

    fn note(&mut self, data: &str) {
        let told: serde_json::Value = serde_json::from_str(data).expect("JSON");
        assert_ne!(told["state"], "unknown", "{told}");
        let rooms = told["rooms"].as_object().into_iter().flat_map(|rooms| rooms.keys().cloned());
        self.told.extend(rooms.chain(told["room"].as_str().map(str::to_owned)));
    }

    /// The stream breaks, and the client comes back.
    fn cut(&mut self) {
        self.body.gone(CloseReason::ClientClosed);
        self.hub.settle();
        (self.reader, self.buffer) = (EventReader::default(), Vec::new());
        self.stream.clear();
        (self.id, self.body) = Self::connect(&self.hub, &self.rooms, &self.last_id);
    }

    /// Read until nothing comes any more.
    fn read_all(&mut self) {
        loop {
            self.hub.settle();
            let mut has_read = false;
            while self.read(usize::MAX) {
                has_read = true;
            }
            self.hub.settle();
            if !has_read && !self.read(usize::MAX) {
                return;
            }
        }
    }
}

fn hub(events: usize, outbox: usize) -> Hub {
    let history = HistoryConfig { events, ..HistoryConfig::default() };
    let rules = HistoryRules { history, rooms: Vec::new() };
    let config = Config { auto_join_room: String::new(), shards: 1.try_into().expect("one"), ..Config::default() };
    let limits = HubLimits { outbox_bytes: outbox, ..HubLimits::default() };
    Hub::start_with(&config, limits, &rules, Ids::Random).expect("a hub").0
}

fn run(actions: &[Action], events: usize, outbox: usize) -> Result<(), TestCaseError> {
    let hub = hub(events, outbox);
    let mut client = Client::new(&hub);
    // What the client's rooms have had while it was in them, or since its last id while it was away.
    let (mut published, mut expected) = (0, BTreeMap::new());
    for action in actions {
        match action {
            Action::Publish(rooms) => {
                published += 1;
                let event = Event { data: published.to_string(), ..Event::default() };
                let names: Vec<_> = rooms.iter().map(|index| room(*index)).collect();
                let event = hub.encode(&event).expect("an event");
                let sent = hub.broadcast_many(&names, event, None, Duplicates::Drop).expect("sent");
                prop_assert_eq!(sent.position.expect("kept").number, published);
                let of: Vec<_> = rooms.iter().filter(|index| client.rooms.contains(index)).copied().collect();
                if !of.is_empty() {
                    expected.insert(published, of);
                }
            }
            Action::Join(index) => {
                hub.join(client.id, &room(*index)).expect("joined");
                client.rooms.insert(*index);
            }
            Action::Leave(index) if client.rooms.len() > 1 => {
                hub.leave(client.id, &room(*index)).expect("left");
                client.rooms.remove(index);
            }
            Action::Leave(_) => {}
            Action::Read(most) => _ = client.read(*most),
            Action::Cut(most) => {
                client.read(*most);
                // Memberships are those of the client's next stream: what it has not read of a room that it has left stays unread.
                if client.last_id.is_empty() {
                    // It was told no position yet, so it begins anew.
                    expected.clear();
                }
                let seen = client.last_id.rsplit('.').next().and_then(|number| number.parse().ok()).unwrap_or(0);
                expected.retain(|number, of: &mut Vec<usize>| {
                    *number <= seen || {
                        of.retain(|index| client.rooms.contains(index));
                        !of.is_empty()
                    }
                });
                client.cut();
            }
        }
    }
    client.read_all();
    prop_assert!(client.got.is_sorted_by(|a, b| a < b), "each once, and in order: {:?}", client.got);
    for (number, of) in &expected {
        let is_told = of.iter().any(|index| client.told.contains(ROOMS[*index]));
        prop_assert!(
            client.got.contains(number) || is_told,
            "{number} of {of:?} is missing: got {:?}, told {:?}",
            client.got,
            client.told
        );
    }
    hub.stop();
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, ..ProptestConfig::default() })]

    /// A client that reads in time, with a history that forgets nothing.
    #[test]
    fn nothing_is_lost_over_breaks(actions in actions()) {
        run(&actions, 1_000, 1 << 20)?;
    }

    /// A client whose outbox holds little, so that it catches up again and again.
    #[test]
    fn nothing_is_lost_by_slow_readers(actions in actions()) {
        run(&actions, 1_000, 256)?;
    }

    /// A history that forgets soon.
    #[test]
    fn what_is_lost_is_told(actions in actions(), events in 1..6usize) {
        run(&actions, events, 512)?;
    }
}
