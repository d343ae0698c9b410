//! How many instructions do the parts take? Run by `cargo xtask instructions`, in valgrind.
//!
//! `instructions` alone prints the names of the parts; with a name it prepares, does it some times between [`begin`] and
//! [`end`], where valgrind's counters are set to zero and written out, and prints how often it did it.

#[path = "parts/connecting.rs"]
mod connecting;
#[path = "parts/crowd.rs"]
mod crowd;
#[path = "parts/plugins.rs"]
mod plugins;

use std::hint::black_box;
use std::io::Write as _;

use roomcast::event::{ConnectionId, Event, Frame};
use roomcast::plugin::JoinCause;
use tokio::runtime::{Builder, Runtime};

use connecting::Server;
use crowd::Crowd;
use plugins::{LOBBY, Plugins};

/// A part: its name, and what does it and answers how often.
type Part = (&'static str, fn() -> usize);

const PARTS: [Part; 6] = [
    ("encode", || encode(&crowd::event())),
    ("encode, 4 KiB in 64 lines", || encode(&Event { data: vec!["x".repeat(63); 64].join("\n"), ..Event::default() })),
    ("delivery, one event to 1000", deliver),
    ("connect, without plugins", connect),
    ("plugin call, a bare hook", bare_hook),
    ("plugin call, the lobby's connect and disconnect", lobby),
];

fn main() {
    let mut out = std::io::stdout();
    // Cargo adds options such as `--bench`.
    match std::env::args().skip(1).find(|argument| !argument.starts_with("--")) {
        None => PARTS.iter().try_for_each(|(name, _)| writeln!(out, "{name}")).expect("a reader"),
        Some(wanted) => {
            let part = PARTS.iter().find(|(name, _)| *name == wanted).expect("one of the names");
            writeln!(out, "{}", (part.1)()).expect("a reader");
        }
    }
}

/// The counters begin here.
#[inline(never)]
fn begin() {
    black_box("begin");
}

/// The counters end here.
#[inline(never)]
fn end() {
    black_box("end");
}

/// Do it a few times, so that what is made at the first time is there, and then count.
fn count(times: usize, mut part: impl FnMut()) -> usize {
    (0..times / 10 + 2).for_each(|_| part());
    begin();
    (0..times).for_each(|_| part());
    end();
    times
}

fn encode(event: &Event) -> usize {
    count(1_000, || drop(black_box(Frame::event(black_box(event), 1 << 20).expect("a valid event"))))
}

/// Counted for one member of the room.
fn deliver() -> usize {
    let members = 1_000;
    let mut crowd = Crowd::new(members);
    let room = crowd::common_room();
    let events = count(50, || {
        crowd.hub.broadcast(&room, crowd::encoded(), None).expect("there is space in the queue");
        crowd.delivered();
    });
    crowd.read();
    events * members
}

/// From the connection being accepted to its end, and the client's side of it, which is small.
fn connect() -> usize {
    let server = Server::start();
    count(200, || server.connect())
}

fn bare_hook() -> usize {
    let crowd = Crowd::stopped();
    let plugins = Plugins::new(plugins::bare(), crowd.hub.clone(), runtime());
    let (id, room) = (ConnectionId::random(), crowd::room("tea"));
    count(500, || plugins.wait(plugins.chain.join(id, &room, JoinCause::Api)).expect("it agrees"))
}

/// What the shard does for it does not count.
fn lobby() -> usize {
    let mut crowd = Crowd::stopped();
    let plugins = Plugins::new(LOBBY, crowd.hub.clone(), runtime());
    count(200, || {
        drop(plugins.admit(plugins.arrive()));
        plugins.tell(&mut crowd.departures);
    })
}

/// Timers never fire: the clock stands still while there is anything to do.
fn runtime() -> Runtime {
    Builder::new_current_thread().enable_all().start_paused(true).build().expect("a runtime")
}
