//! Tests of the fake hub's store.

use crate::testing::FakeHub;
use crate::{Body, Connection, Error, OnMessage, Rejection, Reply, Request, keyvalue};

/// Counts messages in its store.
#[derive(Default)]
struct Counter;

impl OnMessage for Counter {
    fn on_message(&mut self, _: Option<Connection>, _: &Request, _: Body) -> Result<Reply, Rejection> {
        keyvalue::increment("messages", 1)?;
        Ok(Reply::accepted())
    }
}

crate::export!(Counter: OnMessage);

#[test]
fn the_store_outlives_a_reload() {
    let mut hub = FakeHub::<Counter>::start().expect("starts");
    let ada = hub.connect("/sse").expect("accepted");
    hub.message(ada, "one").expect("accepted");
    hub.reload().expect("reloads");
    hub.message(ada, "two").expect("accepted");
    assert_eq!(keyvalue::get("messages"), Ok(Some(b"2".to_vec())));
    assert_eq!(keyvalue::set("other", "x"), Ok(()));
    assert_eq!(keyvalue::keys(), Ok(vec!["messages".into(), "other".into()]));
    assert_eq!(keyvalue::delete("messages"), Ok(()));
    assert_eq!((keyvalue::exists("messages"), keyvalue::exists("other")), (Ok(false), Ok(true)));
}

#[test]
fn limits_are_the_hosts() {
    let _hub = FakeHub::<Counter>::start().expect("starts");
    let refused = |result: Result<(), Error>| match result {
        Err(Error::Store(why)) => why,
        other => panic!("{other:?}"),
    };
    assert!(refused(keyvalue::set(&"k".repeat(1025), "")).contains("key_bytes"));
    assert!(refused(keyvalue::set("k", vec![0; 10 << 20])).contains("quota"));
    keyvalue::set("text", "seven").expect("kept");
    assert!(refused(keyvalue::increment("text", 1).map(drop)).contains("no number"));
}
