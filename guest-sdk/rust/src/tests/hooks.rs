//! Hooks are called as the host calls them, and only those that are exported.

use std::time::Duration;

use crate::prelude::*;
use crate::testing::FakeHub;
/// Writes down every call.
#[derive(Debug)]
struct Diary {
    calls: Vec<String>,
}

impl Plugin for Diary {
    fn new() -> Result<Self, String> {
        match config::get("broken")? {
            Some(why) => Err(why),
            None => Ok(Self { calls: Vec::new() }),
        }
    }
}

impl OnConnect for Diary {
    fn on_connect(&mut self, connection: Connection, request: &Request) -> Result<(), Rejection> {
        self.calls.push(format!("connect {:?}", request.query()));
        match request.query().as_deref() {
            Some("reject") => Err(Rejection::forbidden("no")),
            Some("close") => Ok(connection.close()?),
            _ => Ok(connection.set_tag("tag")?),
        }
    }
}

impl OnDisconnect for Diary {
    fn on_disconnect(&mut self, connection: Connection, reason: DisconnectReason) {
        let rooms = connection.rooms().map(|rooms| rooms.len());
        let sent = connection.send(&Event::new("late"));
        self.calls.push(format!("disconnect {reason} {:?} {rooms:?} {sent:?}", connection.tag()));
    }
}

impl Rooms for Diary {
    fn on_join(&mut self, _: Connection, room: &str) -> Result<(), Rejection> {
        self.calls.push(format!("join {room}"));
        if room == "private" { Err(Rejection::forbidden("by invitation")) } else { Ok(()) }
    }

    fn on_leave(&mut self, _: Connection, room: &str) {
        self.calls.push(format!("leave {room}"));
    }
}

impl OnPublish for Diary {
    fn on_publish(&mut self, room: &str, event: Event, _: Origin) -> Verdict {
        match room {
            "loud" => Verdict::Rewrite(Event::new(event.data.to_uppercase())),
            "shut" => Verdict::Refuse(Rejection::forbidden("closed today")),
            _ => Verdict::Forward,
        }
    }
}

impl OnMessage for Diary {
    fn on_message(&mut self, connection: Option<Connection>, _: &Request, body: Body) -> Result<Reply, Rejection> {
        match connection {
            Some(connection) if body.as_text() == Some("bye") => connection.close()?,
            Some(_) => timers::every(Duration::from_millis(300), body.as_text().unwrap_or_default()).map(drop)?,
            None => return Err("who are you?".into()),
        }
        Ok(Reply::accepted())
    }
}

impl OnTimer for Diary {
    fn on_timer(&mut self, token: &str) {
        self.calls.push(format!("timer {token}"));
        log::info!("{token} fired");
    }
}

impl State for Diary {
    fn save(&mut self) -> Result<Vec<u8>, String> {
        Ok(self.calls.join("\n").into_bytes())
    }

    fn restore(&mut self, state: Vec<u8>) -> Result<(), String> {
        self.calls = String::from_utf8(state).map_err(|why| why.to_string())?.lines().map(Into::into).collect();
        Ok(())
    }
}

crate::export!(Diary: OnConnect, OnDisconnect, Rooms, OnPublish, OnMessage, OnTimer, State);

fn start() -> FakeHub<Diary> {
    FakeHub::start().expect("starts")
}

fn calls(hub: &mut FakeHub<Diary>) -> Vec<String> {
    std::mem::take(&mut hub.plugin_mut().calls)
}

#[test]
fn hooks_of_a_connection_come_in_order() {
    let mut hub = start();
    let ada = hub.connect("/sse?a=1").expect("accepted");
    hub.join(ada, "tea").expect("accepted");
    assert_eq!(hub.join(ada, "private"), Err(Rejection::forbidden("by invitation")));
    hub.leave(ada, "tea");
    hub.leave(ada, "tea");
    hub.disconnect(ada, DisconnectReason::SlowConsumer);
    hub.disconnect(ada, DisconnectReason::ClientClosed);
    let told = r#"disconnect slow-consumer Ok(Some("tag")) Ok(0) Err(Closed)"#;
    let expected = [r#"connect Some("a=1")"#, "join tea", "join private", "leave tea", "leave __all", told];
    assert_eq!(calls(&mut hub), expected);
    assert_eq!(ada.tag(), Err(Error::NoSuchConnection));
}

#[test]
fn a_rejected_connection_leaves_nothing() {
    let mut hub = start();
    assert_eq!(hub.connect("/sse?reject").expect_err("rejected"), Rejection::forbidden("no"));
    assert_eq!(calls(&mut hub), [r#"connect Some("reject")"#]);
    assert!(hub.rooms().is_empty());
}

#[test]
fn on_disconnect_follows_the_call_that_closed() {
    let mut hub = start();
    let ada = hub.connect("/sse?close").expect("accepted");
    let told = "disconnect plugin-closed Ok(None) Ok(0) Err(Closed)";
    assert_eq!(calls(&mut hub), [r#"connect Some("close")"#, "leave __all", told]);
    assert!(!ada.is_open());
    let bob = hub.connect("/sse").expect("accepted");
    assert_eq!(hub.message(bob, "bye"), Ok(Reply::accepted()));
    assert!(!bob.is_open());
    assert_eq!(hub.message(None, "bye"), Err("who are you?".into()));
}

#[test]
fn on_publish_forwards_rewrites_and_refuses() {
    let mut hub = start();
    let ada = hub.connect("/sse").expect("accepted");
    for room in ["loud", "calm", "shut"] {
        ada.join(room).expect("joins");
    }
    assert_eq!(hub.publish("loud", Event::new("a")), Ok(1));
    assert_eq!(hub.publish("calm", Event::new("b").id("1")), Ok(1));
    assert_eq!(hub.publish("shut", Event::new("c")), Err(Rejection::forbidden("closed today")));
    assert_eq!(hub.received(ada), [Event::new("A"), Event::new("b").id("1")]);
}

#[test]
fn timers_follow_the_fake_clock() {
    let mut hub = start();
    let ada = hub.connect("/sse").expect("accepted");
    hub.message(ada, "tick").expect("taken");
    calls(&mut hub);
    hub.advance(Duration::from_millis(299));
    assert!(calls(&mut hub).is_empty());
    hub.advance(Duration::from_millis(301));
    assert_eq!(calls(&mut hub), ["timer tick", "timer tick"]);
    assert_eq!(hub.logs()[0].message, "tick fired");
    log::log(log::Level::Debug, "words", "text");
    let record = hub.logs().pop().expect("a record");
    assert_eq!((record.level, record.context.as_str()), (log::Level::Debug, "words"));
}

#[test]
fn a_reload_keeps_state_and_timers_and_a_crash_neither() {
    let mut hub = start();
    let ada = hub.connect("/sse?first").expect("accepted");
    hub.message(ada, "tick").expect("taken");
    hub.reload().expect("reloads");
    assert_eq!((hub.plugin().calls.len(), hub.timers()), (1, 1));
    hub.crash().expect("restarts");
    assert_eq!((hub.plugin().calls.len(), hub.timers()), (0, 0));
    assert!(ada.is_open());
}

#[test]
fn a_failed_reload_changes_nothing() {
    let mut hub = start();
    let ada = hub.connect("/sse").expect("accepted");
    hub.message(ada, "tick").expect("taken");
    hub.configure("broken", "key missing");
    assert_eq!(hub.reload(), Err("key missing".into()));
    assert_eq!((hub.plugin().calls.len(), hub.timers()), (1, 1));
    drop(hub);
    assert_eq!(FakeHub::<Diary>::configured([("broken", "no")]).expect_err("does not start"), "no");
}

/// Exports one hook; the others are absent, not empty.
#[derive(Default)]
struct Deaf;

impl OnConnect for Deaf {
    fn on_connect(&mut self, connection: Connection, _: &Request) -> Result<(), Rejection> {
        Ok(connection.close()?)
    }
}

crate::export!(Deaf: OnConnect);

#[test]
fn hooks_that_are_not_named_are_absent() {
    use crate::testing::Hooks;
    assert!(Deaf::CONNECT.is_some() && Diary::LEAVE.is_some());
    assert!(Deaf::DISCONNECT.is_none() && Deaf::JOIN.is_none() && Deaf::MESSAGE.is_none() && Deaf::SAVE.is_none());
    let mut hub = FakeHub::<Deaf>::start().expect("starts");
    let ada = hub.connect("/sse").expect("accepted");
    assert!(!ada.is_open());
}
