use proptest::prelude::*;

use super::*;
use crate::event::{Encoded, Event, Numbering};

const LIMITS: HistoryLimits = HistoryLimits { bytes: 1 << 20, rooms: 100 };

fn history(events: usize, limits: HistoryLimits) -> History {
    let base = HistoryConfig { events, ..HistoryConfig::default() };
    History::new(Rules::new(&base, &[]), limits, Epoch::FIXED)
}

fn room(name: &str) -> RoomName {
    RoomName::new(name).expect("a name")
}

/// Publish to rooms; the number.
fn publish(history: &mut History, rooms: &[&str], time_ms: u64, except: u64) -> u64 {
    let rooms: Vec<_> = rooms.iter().map(|name| room(name)).collect();
    for room in &rooms {
        let rule = history.rule_of(room).expect("a rule");
        history.make_ring(room, rule).expect("within");
    }
    let position = history.take_number();
    let event = Encoded::event(&Event { data: "x".into(), ..Event::default() }, 99, Numbering::Possible);
    let frame = event.expect("an event").number(position);
    for room in &rooms {
        history.append(room, Entry::new(frame.clone(), time_ms, except));
    }
    position.number
}

fn place(name: &str, from: u64, until: Option<u64>) -> Place {
    Place { room: room(name), from, until }
}

fn bounds(frames: usize, upto: u64) -> PageBounds {
    PageBounds { frames, bytes: 1 << 20, upto }
}

fn numbers(page: &Page) -> Vec<u64> {
    page.frames.iter().map(crate::event::Frame::number).collect()
}

fn start(history: &History, rooms: &[&str], id: Option<&str>, rewind: Option<Rewind>) -> (serde_json::Value, Vec<u64>) {
    let rooms: Vec<_> = rooms.iter().map(|name| (room(name), history.rule_of(&room(name)).expect("a rule"))).collect();
    let request = ResumeRequest { last_event_id: id.map(str::to_owned), rewind };
    let start = history.start(&rooms, &request, 10_000);
    let places = start.places.iter().map(|(_, from)| *from).collect();
    (serde_json::to_value(start.verdict).expect("JSON"), places)
}

#[test]
fn a_page_merges_rooms_by_number_and_goes_no_further_than_it_may() {
    let mut history = history(10, LIMITS);
    for rooms in [&["a"][..], &["b"], &["a", "b"], &["a"], &["c"], &["b"]] {
        publish(&mut history, rooms, 0, 0);
    }
    let mut places = vec![place("a", 0, None), place("b", 1, None)];
    let page = history.page(&mut places, 0, 7, bounds(3, 99));
    assert_eq!((numbers(&page), page.seen, page.is_last), (vec![1, 2, 3], 3, false));
    let page = history.page(&mut places, page.seen, 7, bounds(3, 5));
    assert_eq!((numbers(&page), page.seen, page.is_last), (vec![4], 5, true));
    let page = history.page(&mut [place("a", 0, Some(3)), place("b", 2, None)], 0, 7, bounds(9, 6));
    assert_eq!(numbers(&page), [1, 3, 6], "the room that was left up to its leave");
    let page = history.page(&mut [place("a", 0, None)], 0, 7, PageBounds { bytes: 1, ..bounds(9, 6) });
    assert_eq!(numbers(&page), [1], "one event at least, however large");
}

#[test]
fn a_page_leaves_out_what_is_not_for_this_connection() {
    let mut history = history(10, LIMITS);
    publish(&mut history, &["a"], 0, 7);
    publish(&mut history, &["a"], 0, 8);
    let page = history.page(&mut [place("a", 0, None)], 0, 7, bounds(9, 2));
    assert_eq!((numbers(&page), page.seen), (vec![2], 2));
}

#[test]
fn a_room_that_has_let_events_go_meanwhile_is_named_once() {
    let mut history = history(2, LIMITS);
    (0..5).for_each(|_| _ = publish(&mut history, &["a"], 0, 0));
    let mut places = vec![place("a", 1, None), place("b", 0, None)];
    let page = history.page(&mut places, 1, 7, bounds(1, 5));
    assert_eq!((page.overtaken.clone(), numbers(&page)), (vec![room("a")], vec![4]));
    let page = history.page(&mut places, page.seen, 7, bounds(1, 5));
    assert_eq!((page.overtaken.len(), numbers(&page), page.is_last), (0, vec![5], true));
}

#[test]
fn verdicts() {
    let mut history = history(2, LIMITS);
    assert_eq!(start(&history, &["a"], None, None), (serde_json::Value::Null, vec![]));
    (0..3).for_each(|_| _ = publish(&mut history, &["a"], 0, 0));
    publish(&mut history, &["b"], 9_000, 0);
    let verdict = |id, rewind| start(&history, &["a", "b"], id, rewind).0;
    let resumed = serde_json::json!({"state": "resumed", "from": "aaaaaaaa.1", "to": "aaaaaaaa.4", "replay": 3});
    assert_eq!(start(&history, &["a", "b"], Some("aaaaaaaa.1"), None), (resumed, vec![1, 1]));
    let gap = serde_json::json!({"state": "gap", "from": "aaaaaaaa.0", "to": "aaaaaaaa.4", "replay": 3,
        "rooms": {"a": {"reason": "too-old", "oldest": "aaaaaaaa.2"}}});
    assert_eq!(verdict(Some("aaaaaaaa.0"), None), gap);
    assert_eq!(verdict(Some("aaaaaaaa.4"), None)["replay"], 0);
    assert_eq!(verdict(Some("aaaaaaaa.5"), None)["state"], "unknown", "that number was never given");
    assert_eq!(verdict(Some("bbbbbbbb.1"), None)["state"], "reset");
    assert_eq!(verdict(Some("7"), None)["state"], "unknown");
    assert_eq!(verdict(Some(""), None), serde_json::Value::Null, "as without an id");
    assert_eq!(start(&history, &["a", "b"], None, Some(Rewind::Events(1))).1, [2, 0]);
    assert_eq!(start(&history, &["a", "b"], None, Some(Rewind::Time(std::time::Duration::from_secs(5)))).1, [3, 0]);
    assert_eq!(start(&history, &["a", "b"], None, Some(Rewind::All)).1, [1, 0]);
    assert_eq!(verdict(None, Some(Rewind::All))["state"], "fresh");
    assert_eq!(verdict(Some("aaaaaaaa.4"), Some(Rewind::All))["state"], "resumed", "the id counts more");
}

#[test]
fn what_was_cleared_is_told() {
    let mut history = history(9, LIMITS);
    (0..3).for_each(|_| _ = publish(&mut history, &["a"], 0, 0));
    history.clear(&room("a"));
    assert_eq!(history.totals(), HistoryTotals::default());
    let (verdict, places) = start(&history, &["a"], Some("aaaaaaaa.2"), None);
    assert_eq!((verdict["state"].as_str(), &verdict["rooms"]["a"]["reason"]), (Some("gap"), &"cleared".into()));
    assert_eq!(places, [0; 0]);
    assert_eq!(start(&history, &["a"], Some("aaaaaaaa.3"), None).0["state"], "resumed");
    publish(&mut history, &["a"], 0, 0);
    assert_eq!(start(&history, &["a"], Some("aaaaaaaa.2"), None).0["state"], "gap", "a new ring remembers the floor");
}

#[test]
fn a_quiet_room_stays_resumable_however_far_others_go_on() {
    let mut history = history(3, LIMITS);
    publish(&mut history, &["quiet"], 0, 0);
    (0..1_000).for_each(|_| _ = publish(&mut history, &["busy"], 0, 0));
    assert_eq!(start(&history, &["quiet"], Some("aaaaaaaa.1"), None).0["state"], "resumed");
    assert_eq!(start(&history, &["busy"], Some("aaaaaaaa.1"), None).0["state"], "gap");
}

#[test]
fn the_oldest_of_all_goes_first_and_forgotten_rooms_are_not_called_complete() {
    let mut history = history(100, HistoryLimits { bytes: 4_000, rooms: 2 });
    publish(&mut history, &["a"], 0, 0);
    (0..100).for_each(|_| _ = publish(&mut history, &["b"], 0, 0));
    assert!(history.totals().bytes <= 4_000, "{:?}", history.totals());
    assert_eq!(history.totals().rooms, 1, "all events of the other are gone");
    assert_eq!(start(&history, &["a"], Some("aaaaaaaa.0"), None).0["state"], "gap");
    assert_eq!(start(&history, &["a"], Some("aaaaaaaa.1"), None).0["state"], "resumed");
    publish(&mut history, &["c"], 0, 0);
    let rule = history.rule_of(&room("d")).expect("a rule");
    assert!(matches!(history.make_ring(&room("d"), rule), Err(HubError::Limit { key: "limits.history_rooms", .. })));
    for name in ["b", "c"] {
        history.clear(&room(name));
    }
    assert_eq!(history.floor(&room("a")).number, history.forgotten, "only two floors are remembered");
    assert!(history.forgotten > 0);
}

#[test]
fn events_go_by_their_age() {
    let mut history = history(100, LIMITS);
    publish(&mut history, &["a"], 1_000, 0);
    publish(&mut history, &["b"], 2_000, 0);
    history.sweep(3_600_000 + 1_001);
    assert_eq!((history.totals().events, history.totals().rooms), (1, 1));
    history.expire(&room("b"), 3_600_000 + 2_001);
    assert_eq!(history.totals(), HistoryTotals::default());
    assert_eq!(start(&history, &["b"], Some("aaaaaaaa.1"), None).0["state"], "gap");
}

#[test]
fn new_rules_do_not_claim_what_was_before_them() {
    let mut history = history(0, LIMITS);
    assert_eq!(history.rule_of(&room("a")), None);
    history.last = 5;
    history.set_rules(Rules::new(&HistoryConfig { events: 9, ..HistoryConfig::default() }, &[]));
    assert_eq!(start(&history, &["a"], Some("aaaaaaaa.4"), None).0["state"], "gap");
    assert_eq!(start(&history, &["a"], Some("aaaaaaaa.5"), None).0["state"], "resumed");
    let kept = publish(&mut history, &["a"], 0, 0);
    history.set_rules(Rules::default());
    // While no rule holds, the room may have events that nothing keeps.
    history.last += 1;
    history.set_rules(Rules::new(&HistoryConfig { events: 9, ..HistoryConfig::default() }, &[]));
    assert_eq!(start(&history, &["a"], Some(&history.position(kept).to_string()), None).0["state"], "gap");
}

proptest! {
    /// A resume gives exactly what its rooms have had since, or names each room that has let some of it go.
    #[test]
    fn a_resume_is_complete_or_names_the_room(
        published in prop::collection::vec(prop::collection::vec(0..4usize, 1..3), 1..60),
        events in 1..8usize, bytes in 600..9_000usize, from in 0..60u64, page in 1..5usize,
    ) {
        const NAMES: [&str; 4] = ["a", "b", "c", "d"];
        let mut history = history(events, HistoryLimits { bytes, rooms: 100 });
        let mut log = Vec::new();
        for rooms in &published {
            let mut rooms: Vec<_> = rooms.iter().map(|room| NAMES[*room]).collect();
            rooms.sort_unstable();
            rooms.dedup();
            log.push((publish(&mut history, &rooms, 0, 0), rooms));
        }
        let from = from % (history.last + 1);
        let rooms: Vec<_> = NAMES.map(|name| (room(name), history.rule_of(&room(name)).expect("a rule"))).into();
        let request = ResumeRequest { last_event_id: Some(history.position(from).to_string()), rewind: None };
        let start = history.start(&rooms, &request, 0);
        let verdict = serde_json::to_value(start.verdict).expect("JSON");
        let mut places: Vec<_> = start.places.iter().map(|(room, from)| Place { room: room.clone(), from: *from, until: None }).collect();
        let (mut got, mut seen) = (Vec::new(), from);
        for _ in 0..200 {
            let next = history.page(&mut places, seen, 1, bounds(page, history.last));
            prop_assert!(next.overtaken.is_empty());
            got.extend(numbers(&next));
            seen = next.seen;
            if next.is_last { break; }
        }
        prop_assert!(got.is_sorted_by(|a, b| a < b), "{got:?}");
        for (number, rooms) in log.iter().filter(|(number, _)| *number > from) {
            let is_told = rooms.iter().any(|room| !verdict["rooms"][*room].is_null());
            prop_assert!(got.contains(number) || is_told, "{number} of {rooms:?} is missing: {verdict}");
        }
        prop_assert_eq!(&verdict["state"], if verdict["rooms"].is_null() { "resumed" } else { "gap" });
    }
}
