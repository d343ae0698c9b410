//! The fake hub refuses what the contract refuses.

use std::time::Duration;

use crate::hub::Duplicates;
use crate::testing::FakeHub;
use crate::{Connection, Error, Event, OnTimer, Rooms, hub, timers};

#[derive(Default)]
struct Nothing;

impl Rooms for Nothing {}

crate::export!(Nothing: Rooms);

#[derive(Default)]
struct Clock;

impl OnTimer for Clock {
    fn on_timer(&mut self, _: &str) {}
}

crate::export!(Clock: OnTimer);

fn start() -> (FakeHub<Nothing>, Connection) {
    let mut hub = FakeHub::start().expect("starts");
    let connection = hub.connect("/sse").expect("accepted");
    (hub, connection)
}

/// The argument that was found wrong.
fn wrong<T: std::fmt::Debug>(result: Result<T, Error>) -> String {
    match result {
        Err(Error::InvalidArgument { argument, .. }) => argument,
        other => panic!("expected an invalid argument, got {other:?}"),
    }
}

fn limit<T: std::fmt::Debug>(result: Result<T, Error>) -> String {
    match result {
        Err(Error::LimitExceeded { key, .. }) => key,
        other => panic!("expected a limit, got {other:?}"),
    }
}

#[test]
fn events_that_would_forge_fields_are_refused() {
    let (mut hub, ada) = start();
    for bad in ["a\nb", "a\0", "\u{85}", &"x".repeat(1025)] {
        assert_eq!(wrong(ada.send(&Event::new("").id(bad))), "event.id", "{bad:?}");
    }
    for bad in ["a\nb", "a\rb", "a\0b", &"x".repeat(257)] {
        assert_eq!(wrong(ada.send(&Event::new("").name(bad))), "event.event", "{bad:?}");
    }
    assert_eq!(wrong(ada.send(&Event::new("").retry_ms(499))), "event.retry_ms");
    assert_eq!(wrong(ada.comment("a\nb")), "text");
    assert_eq!(limit(ada.send(&Event::new("x".repeat((256 << 10) + 1)))), "limits.event_bytes");
    assert_eq!(wrong(hub::broadcast("__all", &Event::new("").id("\t"))), "event.id");
    assert_eq!(hub.received(ada), []);
    let sound = Event::new("a\r\nb").id("{\"ä\": 0/9}").name("tick tock").retry_ms(500);
    assert_eq!(ada.send(&sound), Ok(()));
    assert_eq!(ada.send(&Event::new("").id("")), Ok(()));
    assert_eq!(ada.comment("ping"), Ok(()));
    assert_eq!(hub.received(ada), [sound, Event::new("").id("")]);
    assert_eq!(hub.comments(ada), ["ping"]);
}

#[test]
fn room_names() {
    let (hub, ada) = start();
    for bad in ["", "a\nb", "\u{85}", &"x".repeat(257)] {
        assert_eq!(wrong(ada.join(bad)), "room", "{bad:?}");
        assert_eq!(wrong(ada.leave(bad)), "room", "{bad:?}");
        assert_eq!(wrong(hub::count(bad)), "room", "{bad:?}");
        assert_eq!(wrong(hub::broadcast(bad, &Event::new(""))), "room", "{bad:?}");
        assert_eq!(wrong(hub::members(bad, None, 1)), "room", "{bad:?}");
    }
    assert_eq!(hub.rooms(), ["__all"]);
}

#[test]
fn rooms_come_and_go_with_their_members() {
    let (mut hub, ada) = start();
    let bob = hub.connect("/sse").expect("accepted");
    ada.join("tea").expect("joins");
    ada.join("tea").expect("joins again");
    assert_eq!((hub::count("tea"), ada.rooms()), (Ok(1), Ok(vec!["__all".into(), "tea".into()])));
    assert_eq!(hub::broadcast("nobody", &Event::new("")), Ok(0));
    assert_eq!(bob.leave("tea"), Ok(()));
    let first = hub::members("__all", None, 1).expect("a page");
    assert_eq!((first.members, first.total), (vec![bob], 2));
    let last = hub::members("__all", first.next, 1).expect("a page");
    assert_eq!((last.members, last.next), (vec![ada], None));
    assert_eq!(wrong(hub::members("__all", None, 1001)), "limit");
    assert_eq!(wrong(hub::members("__all", None, 0)), "limit");
    ada.close().expect("closes");
    assert_eq!(hub.rooms(), ["__all"]);
}

#[test]
fn broadcasts_to_many_rooms() {
    let (mut hub, ada) = start();
    let bob = hub.connect("/sse").expect("accepted");
    ada.join("tea").expect("joins");
    let event = Event::new("x");
    let rooms = ["__all", "tea"];
    assert_eq!(hub::broadcast_many(&rooms, &event, None, Duplicates::Drop), Ok(2));
    assert_eq!(hub::broadcast_many(&rooms, &event, None, Duplicates::Keep), Ok(3));
    assert_eq!(hub::broadcast_many(&rooms, &event, Some(ada), Duplicates::Keep), Ok(1));
    assert_eq!(hub::broadcast_except("__all", &event, ada), Ok(1));
    assert_eq!((hub.received(ada).len(), hub.received(bob).len()), (3, 4));
    assert_eq!(wrong(hub::broadcast_many(&vec!["a"; 1001], &event, None, Duplicates::Drop)), "rooms");
    assert_eq!(hub.broadcasts().len(), 4);
}

#[test]
fn calls_for_closed_and_unknown_connections_are_refused() {
    let (mut hub, ada) = start();
    let nobody: Connection = "0192f3c4-7b1e-4c55-9c0e-2f6d1c1b8a77".parse().expect("a UUID");
    assert!(!nobody.is_open());
    assert_eq!(nobody.send(&Event::new("")), Err(Error::NoSuchConnection));
    assert_eq!(nobody.join("tea"), Err(Error::NoSuchConnection));
    assert_eq!(nobody.tag(), Err(Error::NoSuchConnection));
    assert_eq!(nobody.close(), Err(Error::NoSuchConnection));
    ada.close().expect("closes");
    assert!(!ada.is_open());
    assert_eq!(ada.send(&Event::new("")), Err(Error::Closed));
    assert_eq!(ada.leave("__all"), Err(Error::Closed));
    assert_eq!(ada.close(), Err(Error::Closed));
    hub.publish("tea", Event::new("")).expect("the next thing that happens");
    assert_eq!(ada.send(&Event::new("")), Err(Error::NoSuchConnection));
}

#[test]
fn tags() {
    let (_hub, ada) = start();
    assert_eq!(ada.tag(), Ok(None));
    ada.set_tag("Ada").expect("takes a tag");
    assert_eq!(limit(ada.set_tag(&"x".repeat(1025))), "limits.tag_bytes");
    assert_eq!(ada.tag(), Ok(Some("Ada".into())));
    ada.clear_tag().expect("loses it");
    assert_eq!(ada.tag(), Ok(None));
}

#[test]
fn timers_need_the_hook_and_are_limited() {
    let second = Duration::from_secs(1);
    {
        let _hub = start();
        assert_eq!(wrong(timers::after(second, "x")), "token");
    }
    let hub = FakeHub::<Clock>::start().expect("starts");
    assert_eq!(wrong(timers::after(Duration::ZERO, "x")), "delay-ms");
    assert_eq!(wrong(timers::after(second, &"x".repeat(1025))), "token");
    for _ in 0..1000 {
        timers::every(second, "x").expect("can be set");
    }
    assert_eq!(limit(timers::after(second, "x")), "limits.timers");
    assert_eq!(hub.timers(), 1000);
}

#[test]
#[should_panic(expected = "no hub on this thread")]
fn calls_without_a_hub_panic() {
    let _ = hub::count("tea");
}
