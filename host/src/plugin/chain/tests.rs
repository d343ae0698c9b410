//! Chains of small plugins, written as text, that decide by the first letter of a room's name.

use std::num::NonZeroUsize;
use std::time::Duration;

use super::*;
use crate::hub::{CloseReason, Config};
use crate::plugin::artifact::cache::CacheConfig;
use crate::plugin::config::Limits;
use crate::plugin::runtime::imports::keyvalue::DataConfig;
use crate::plugin::runtime::status::{PluginStatus, State};

/// A plugin with the hook `room`. On `on-join`: `t` traps, `l` loops for ever, `n` refuses with the number of times that
/// somebody has left, and `refused` refuses, too. On `on-leave`: `t` traps.
fn room_plugin(refused: char) -> &'static [u8] {
    let refused = u32::from(refused);
    let text = format!(
        r#"(component
            (import "roomcast:plugin/types@0.1.0" (instance $types
                (type $id' (record (field "high" u64) (field "low" u64)))
                (export "connection-id" (type $id (eq $id')))
                (type $header (tuple string string))
                (type $rejection'
                    (record (field "status" u16) (field "headers" (list $header)) (field "body" string)))
                (export "rejection" (type $rejection (eq $rejection')))))
            (alias export $types "connection-id" (type $id))
            (alias export $types "rejection" (type $rejection))
            (core module $m
                (memory (export "memory") 1)
                (data (i32.const 64) "0")
                (data (i32.const 65) "no")
                (func $letter (param $room i32) (result i32) (i32.load8_u (local.get $room)))
                ;; The room's name; each call may forget that of the one before.
                (func (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const 1024))
                (func $refuse (param $text i32) (param $len i32) (result i32)
                    (i32.store8 (i32.const 16) (i32.const 1))
                    (i32.store16 (i32.const 20) (i32.const 403))
                    (i32.store (i32.const 32) (local.get $text))
                    (i32.store (i32.const 36) (local.get $len))
                    (i32.const 16))
                (func (export "join") (param i64 i64 i32 i32) (result i32) (local $letter i32)
                    (local.set $letter (call $letter (local.get 2)))
                    (if (i32.eq (local.get $letter) (i32.const 116)) (then unreachable))
                    (if (i32.eq (local.get $letter) (i32.const 108)) (then (loop (br 0))))
                    (if (i32.eq (local.get $letter) (i32.const 110))
                        (then (return (call $refuse (i32.const 64) (i32.const 1)))))
                    (if (i32.eq (local.get $letter) (i32.const {refused}))
                        (then (return (call $refuse (i32.const 65) (i32.const 2)))))
                    (i32.store8 (i32.const 16) (i32.const 0))
                    (i32.const 16))
                (func (export "leave") (param i64 i64 i32 i32)
                    (if (i32.eq (call $letter (local.get 2)) (i32.const 116)) (then unreachable))
                    (i32.store8 (i32.const 64) (i32.add (i32.load8_u (i32.const 64)) (i32.const 1)))))
            (core instance $i (instantiate $m))
            (func $join (param "connection" $id) (param "room" string) (result (result (error $rejection)))
                (canon lift (core func $i "join") (memory (core memory $i "memory")) (realloc (core func $i "realloc"))))
            (func $leave (param "connection" $id) (param "room" string)
                (canon lift (core func $i "leave") (memory (core memory $i "memory")) (realloc (core func $i "realloc"))))
            (instance $room (export "on-join" (func $join)) (export "on-leave" (func $leave)))
            (export "roomcast:plugin/room@0.1.0" (instance $room)))"#
    );
    wat::parse_str(text).expect("valid text").leak()
}

fn config(name: &str, component: &'static [u8], limits: Limits) -> PluginConfig {
    PluginConfig { limits, ..PluginConfig::embedded(name, component) }
}

struct Bench {
    chain: Chain,
    hub: Hub,
    id: ConnectionId,
}

impl Bench {
    async fn new(plugins: Vec<PluginConfig>) -> Self {
        let (hub, _) = Hub::start(&Config::default(), crate::hub::HubLimits::default()).expect("a hub");
        let engine =
            Engine::new(&CacheConfig { enabled: false, dir: None }, &DataConfig::default()).expect("an engine");
        let chain = Chain::load(&engine, plugins, hub.clone()).await.expect("sound plugins");
        Self { chain, hub, id: ConnectionId::random() }
    }

    async fn one(limits: Limits) -> Self {
        Self::new(vec![config("p", room_plugin('r'), limits)]).await
    }

    async fn join(&self, room: &str) -> Result<(), Refusal> {
        self.chain.join(self.id, &RoomName::new(room).expect("a name"), JoinCause::Api).await
    }

    /// The text of a refusal.
    async fn refused(&self, room: &str, status: u16) -> String {
        let refusal = self.join(room).await.expect_err("it refuses");
        assert_eq!(refusal.status, status, "{refusal:?}");
        refusal.body
    }

    async fn leave(&self, room: &str) {
        self.chain.leave(self.id, &RoomName::new(room).expect("a name")).await;
    }

    async fn depart(&self, accepted: Accepted, rooms: &[&str]) {
        let rooms = rooms.iter().map(|room| RoomName::new(room).expect("a name")).collect();
        self.chain
            .disconnect(Departure {
                id: self.id,
                reason: CloseReason::ClientClosed,
                tag: None,
                rooms,
                accepted,
                undelivered: Arc::default(),
            })
            .await;
    }

    fn all(&self) -> Accepted {
        self.chain.snapshot().all
    }

    fn status(&self) -> PluginStatus {
        self.chain.describe().remove(0)
    }
}

impl Drop for Bench {
    fn drop(&mut self) {
        self.hub.stop();
    }
}

#[tokio::test]
async fn a_refusal_is_the_answer() {
    let bench = Bench::one(Limits::default()).await;
    assert_eq!(bench.join("a").await, Ok(()));
    assert_eq!(bench.refused("r", 403).await, "no");
    let status = bench.status();
    assert_eq!((status.calls, status.traps, status.restarts, status.state), (3, 0, 0, State::Running));
    assert_eq!((status.hooks, status.memory_bytes), (vec!["room"], 65536));
}

#[tokio::test]
async fn a_trap_costs_one_answer_and_the_next_call_has_a_new_instance() {
    let bench = Bench::one(Limits::default()).await;
    bench.leave("a").await;
    assert_eq!(bench.refused("n", 403).await, "1");
    let refusal = bench.join("t").await.expect_err("it traps");
    assert_eq!((refusal.status, &refusal.headers[..]), (503, &[("retry-after".to_owned(), "1".to_owned())][..]));
    assert_eq!(bench.refused("n", 403).await, "0", "it remembers nothing");
    let status = bench.status();
    assert_eq!((status.traps, status.timeouts, status.restarts), (1, 0, 1));
    assert!(status.last_error.expect("an error").contains("unreachable"));
}

#[tokio::test]
async fn a_loop_ends_at_the_deadline() {
    let bench = Bench::one(Limits { deadline: Duration::from_millis(20), ..Limits::default() }).await;
    bench.refused("l", 503).await;
    assert_eq!(bench.join("a").await, Ok(()));
    let status = bench.status();
    assert_eq!((status.traps, status.timeouts, status.restarts), (0, 1, 1));
    assert!(status.last_error.expect("an error").contains("longer than 20ms"));
}

#[tokio::test]
async fn plugins_that_agreed_get_on_leave_when_a_later_one_refuses() {
    let plugins = vec![
        config("first", room_plugin('x'), Limits::default()),
        config("second", room_plugin('r'), Limits::default()),
    ];
    let bench = Bench::new(plugins).await;
    assert_eq!(bench.refused("r", 403).await, "no");
    assert_eq!(bench.refused("n", 403).await, "1", "the first was told");
    assert_eq!(bench.refused("x", 403).await, "no");
    assert_eq!(bench.refused("n", 403).await, "1", "it was the first that refused");
}

#[tokio::test]
async fn departures_reach_the_plugins_that_accepted() {
    let plugins =
        vec![config("a", room_plugin('r'), Limits::default()), config("b", room_plugin('x'), Limits::default())];
    let bench = Bench::new(plugins).await;
    let first = bench.chain.0.accept_sets.number(std::iter::once(bench.chain.snapshot().slots[0].id));
    bench.depart(Accepted::BY_NOBODY, &["a"]).await;
    bench.depart(first, &["a", "b"]).await;
    assert_eq!(bench.refused("n", 403).await, "2");
    assert_eq!(bench.chain.describe()[1].calls, 1, "only its init");
}

#[tokio::test]
async fn notifications_survive_a_trap() {
    let bench = Bench::one(Limits::default()).await;
    bench.depart(bench.all(), &["a", "t", "b", "c"]).await;
    assert_eq!(bench.refused("n", 403).await, "2", "the new instance got b and c");
}

// The clock moves only when all tasks wait for it.
#[tokio::test(start_paused = true)]
async fn a_plugin_that_keeps_failing_backs_off() {
    let bench = Bench::one(Limits::default()).await;
    let mut bodies = Vec::new();
    for _ in 0..10 {
        bodies.push(bench.refused("t", 503).await);
    }
    assert!(bodies[8].contains("has failed"), "{bodies:?}");
    assert!(bodies[9].contains("is being started again"), "{bodies:?}");
    while bench.join("a").await.is_err() {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    assert_eq!(bench.status().state, State::Running);
    bench.refused("t", 503).await;
    assert_eq!(bench.join("a").await, Ok(()), "a success has ended the backing off");
}

#[tokio::test]
async fn calls_beyond_the_mailbox_are_rejected() {
    let bench = Bench::one(Limits { mailbox: NonZeroUsize::MIN, ..Limits::default() }).await;
    // All three are sent before the actor has its turn.
    let (first, second, third) = tokio::join!(bench.join("a"), bench.join("b"), bench.join("c"));
    assert_eq!(first, Ok(()));
    for rejected in [second, third] {
        assert!(rejected.expect_err("no room").body.contains("is busy"));
    }
}

#[tokio::test]
async fn a_call_that_has_waited_too_long_is_rejected() {
    let bench = Bench::one(Limits { queue_time: Duration::from_nanos(1), ..Limits::default() }).await;
    assert!(bench.refused("a", 503).await.contains("is busy"));
    assert_eq!(bench.status().calls, 1, "only its init");
}

#[tokio::test]
async fn what_is_queued_is_done_before_the_end() {
    let bench = Bench::one(Limits::default()).await;
    bench.depart(bench.all(), &["a", "b"]).await;
    bench.chain.shutdown().await;
    let status = bench.status();
    assert_eq!((status.calls, status.state), (3, State::Stopped));
    assert!(bench.refused("a", 503).await.contains("shutting down"));
}

#[tokio::test]
async fn without_plugins_everything_passes() {
    let bench = Bench::new(Vec::new()).await;
    assert_eq!(bench.join("a").await, Ok(()));
    let request = Arc::new(Request {
        method: "GET".into(),
        path: "/".into(),
        query: None,
        headers: Vec::new(),
        peer: ([127, 0, 0, 1], 1).into(),
        last_event_id: None,
    });
    assert_eq!(
        bench.chain.connect(bench.id, request.clone()).await,
        Admission { accepted: bench.all(), refusal: None }
    );
    let event = Event { data: "x".into(), ..Event::default() };
    let room = RoomName::new("a").expect("a name");
    let encoded = bench.hub.encode(&event).expect("a sound event");
    let published = bench.chain.publish(&room, event, encoded.clone(), PublishOrigin::Api(request.peer)).await;
    let (published, frame) = (published.expect("no plugin refuses").seal(), encoded.seal());
    assert_eq!((&published, published.chunk().as_ptr()), (&frame, frame.chunk().as_ptr()), "it is encoded once");
    let refusal = bench.chain.message(None, request, "x".into()).await.expect_err("nobody takes it");
    assert_eq!((refusal.status, refusal.body.as_str()), (404, "no plugin takes messages"));
}

#[tokio::test]
async fn all_or_none_are_loaded() {
    let (hub, _) = Hub::start(&Config::default(), crate::hub::HubLimits::default()).expect("a hub");
    let engine = Engine::new(&CacheConfig { enabled: false, dir: None }, &DataConfig::default()).expect("an engine");
    let load = |plugins| Chain::load(&engine, plugins, hub.clone());
    let sound = || config("p", room_plugin('r'), Limits::default());
    let why = |outcome: Result<Chain, LoadError>| outcome.err().expect("refused").to_string();
    assert!(why(load(vec![sound(), sound()]).await).contains("plugin `p`: its name is used twice"));
    assert!(
        why(load(vec![sound(), config("q", b"x", Limits::default())]).await)
            .contains("plugin `q`: not a WebAssembly file")
    );
    let too_long = Limits { mailbox: NonZeroUsize::MAX, ..Limits::default() };
    assert!(why(load(vec![config("q", room_plugin('r'), too_long)]).await).contains("`limits.mailbox`"));
    let no_memory = Limits { memory: 1000, ..Limits::default() };
    let why = why(load(vec![config("q", room_plugin('r'), no_memory)]).await);
    assert!(why.contains("does not start") && why.contains("`limits.memory` = 1000B"), "{why}");
    hub.stop();
}

/// A fault of the host's own, as a deadline that no clock can count is, which no configuration lets pass: the plugin is down
/// for a moment, and each call is answered.
#[tokio::test]
async fn after_a_panic_of_the_host_the_plugin_gets_a_new_instance_and_callers_an_answer() {
    let bench = Bench::one(Limits { deadline: Duration::MAX, ..Limits::default() }).await;
    for _ in 0..3 {
        let refused = bench.refused("a", 503).await;
        assert!(refused.contains("plugin `p` has failed"), "{refused}");
    }
    // What nobody waits for does no harm either.
    bench.leave("a").await;
    let last_error = bench.status().last_error.expect("a reason");
    assert!(last_error.contains("a fault of the server's own"), "{last_error}");
    let is_again = async {
        while bench.status().state != State::Running || bench.status().restarts == 0 {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), is_again).await.expect("a new instance");
    for _ in 0..20 {
        let _ = bench.join("a").await;
    }
    assert_eq!(bench.status().state, State::BackingOff, "it fails each time, so it has to wait");
    bench.chain.shutdown().await;
    assert_eq!(bench.status().state, State::Stopped);
}
