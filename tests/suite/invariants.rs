//! The hub's invariants hold under random steps: a room's members and a connection's rooms agree, no closed connection
//! stays, each member gets exactly what was sent, and each plugin that accepted a connection gets one `on-disconnect`.
//!
//! Random steps are done to a real server and to a model of it (`world`), which are compared after each step and in the
//! end (`verdict`). Three plugins make the chain: a probe that never fails and writes everything down, the rogue, which
//! traps when it is told to, and another probe, which only sees what the rogue has let pass. `PROPTEST_CASES=100` looks
//! for longer; a sequence that fails is kept, and done first in the next run.

mod verdict;
mod visit;
mod world;

use proptest::prelude::*;
use proptest::sample::select;
use roomcast_tests::Wire;

use visit::Visit;
use world::World;

/// A room whose joins, leaves and events make the rogue trap.
const TRAP: &str = "trap";
/// A room whose joins from outside the probe refuses.
const PRIVATE: &str = "private";
/// The room of every connection.
const EVERYBODY: &str = "__all";

/// Requests to the API that change nothing for any connection: method, path, body, and the answer's status.
const DISTURBANCES: [Disturbance; 7] = [
    ("POST", "/v1/rooms/trap/events", "{\"data\":\"x\"}", 503),
    ("POST", "/v1/rooms/empty/events", "{\"data\":\"x\"}", 200),
    ("GET", "/v1/plugins", "", 200),
    ("POST", "/v1/plugins/first/reload", "", 200),
    // It traps so often that it is taken back sometimes, and then would not be loaded again.
    ("POST", "/v1/plugins/rogue/reload?force=true", "", 200),
    ("POST", "/v1/plugins/rogue/reload?force=true&fresh=true", "", 200),
    ("POST", "/v1/plugins/last/reload", "", 200),
];

type Disturbance = (&'static str, &'static str, &'static str, u16);
type Room = &'static str;
/// One of those that are connected, counted round and round.
type Who = usize;

#[derive(Debug, Clone)]
enum Step {
    Connect {
        wire: Wire,
        rooms: Vec<Room>,
        farewell: Farewell,
    },
    /// All at once, while events are published.
    Visits(Vec<Visit>, Disturbance),
    Join(Who, Room, Via),
    Leave(Who, Room, Via),
    Publish(Room),
    Send(Who),
    Disturb(Disturbance),
    Close(Who, By),
}

/// What the rogue does once a connection has gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Farewell {
    Nothing,
    Trap,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Via {
    Api,
    Plugin,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum By {
    Client,
    Operator,
    Plugin,
}

fn wire() -> impl Strategy<Value = Wire> {
    select(Wire::ALL.to_vec())
}

fn room() -> impl Strategy<Value = Room> {
    prop_oneof![8 => select(vec!["one", "two", "three", "four"]), 1 => Just(TRAP), 1 => Just(PRIVATE)]
}

fn visit() -> impl Strategy<Value = Visit> {
    prop_oneof![
        wire().prop_map(Visit::Rejected),
        wire().prop_map(Visit::Trapped),
        wire().prop_map(Visit::Brief),
        Just(Visit::Impatient),
    ]
}

fn step() -> impl Strategy<Value = Step> {
    let rooms = prop::collection::vec(select(vec!["one", "two", "three", "four"]), 0..3);
    let visits = prop::collection::vec(visit(), 1..6);
    let disturbance = select(DISTURBANCES.to_vec());
    let farewell = prop_oneof![4 => Just(Farewell::Nothing), 1 => Just(Farewell::Trap)];
    let (who, via) = (|| 0..20usize, || select(vec![Via::Api, Via::Plugin]));
    let public = select(vec!["one", "two", "three", "four", EVERYBODY]);
    prop_oneof![
        4 => (wire(), rooms, farewell).prop_map(|(wire, rooms, farewell)| Step::Connect { wire, rooms, farewell }),
        2 => (visits, disturbance.clone()).prop_map(|(visits, disturbance)| Step::Visits(visits, disturbance)),
        5 => (who(), room(), via()).prop_map(|(who, room, via)| Step::Join(who, room, via)),
        3 => (who(), room(), via()).prop_map(|(who, room, via)| Step::Leave(who, room, via)),
        4 => public.prop_map(Step::Publish),
        1 => who().prop_map(Step::Send),
        2 => disturbance.prop_map(Step::Disturb),
        3 => (who(), select(vec![By::Client, By::Operator, By::Plugin])).prop_map(|(who, by)| Step::Close(who, by)),
    ]
}

fn config() -> ProptestConfig {
    let cases = std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(8);
    // Each try is a server and up to a hundred steps.
    ProptestConfig { cases, max_shrink_iters: 500, max_shrink_time: 60_000, ..ProptestConfig::default() }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn random_steps_keep_every_invariant(steps in prop::collection::vec(step(), 50..120)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(async {
            let mut world = World::new().await;
            for step in steps {
                world.apply(step).await;
                world.is_consistent().await;
            }
            world.end().await;
        });
    }
}
