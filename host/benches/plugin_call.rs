//! What does it cost to ask a plugin, from the chain into the sandbox and back?

#[path = "parts/crowd.rs"]
mod crowd;
#[path = "parts/plugins.rs"]
mod plugins;

use std::time::{Duration, Instant};

use criterion::Criterion;
use roomcast::event::ConnectionId;
use roomcast::plugin::JoinCause;
use tokio::runtime::{Builder, Runtime};

use crowd::Crowd;
use plugins::{LOBBY, Plugins};

/// How many messages may be queued for a client that does not read.
const UNREAD: u64 = 100;

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    bare_hook(&mut criterion);
    on_connect(&mut criterion);
    on_message(&mut criterion);
    criterion.final_summary();
}

fn runtime() -> Runtime {
    Builder::new_current_thread().enable_all().build().expect("a runtime")
}

/// A hook that does nothing: what is left is the chain, the mailbox, and the way in and out.
fn bare_hook(criterion: &mut Criterion) {
    let crowd = Crowd::new(1);
    let plugins = Plugins::new(plugins::bare(), crowd.hub.clone(), runtime());
    let (id, room) = (ConnectionId::random(), crowd::room("tea"));
    criterion.bench_function("plugin call, a bare hook", |bencher| {
        bencher.iter_custom(|rounds| {
            let start = Instant::now();
            plugins.wait(async {
                for _ in 0..rounds {
                    plugins.chain.join(id, &room, JoinCause::Api).await.expect("it agrees");
                }
            });
            start.elapsed()
        });
    });
}

/// `on-connect` of the lobby: it joins a room, attaches a tag, and sends an event. That the connection comes into the hub
/// and leaves again is not counted.
fn on_connect(criterion: &mut Criterion) {
    let mut crowd = Crowd::new(1);
    let plugins = Plugins::new(LOBBY, crowd.hub.clone(), runtime());
    criterion.bench_function("plugin call, on-connect of the lobby", |bencher| {
        bencher.iter_custom(|rounds| {
            let mut total = Duration::ZERO;
            for _ in 0..rounds {
                let pending = plugins.arrive();
                let start = Instant::now();
                let admitted = plugins.admit(pending);
                total += start.elapsed();
                drop(admitted);
                plugins.tell(&mut crowd.departures);
                crowd.delivered();
                crowd.read();
            }
            total
        });
    });
}

/// `on-message` of the lobby: it reads JSON, and broadcasts to a room of one.
fn on_message(criterion: &mut Criterion) {
    let mut crowd = Crowd::new(1);
    let plugins = Plugins::new(LOBBY, crowd.hub.clone(), runtime());
    let admitted = plugins.admit(plugins.arrive());
    let id = crowd.attach(admitted);
    let message = format!("{{\"type\":\"say\",\"text\":\"{}\"}}", "x".repeat(100));
    criterion.bench_function("plugin call, on-message of the lobby", |bencher| {
        bencher.iter_custom(|rounds| {
            let (mut total, mut left) = (Duration::ZERO, rounds);
            while left > 0 {
                let now = left.min(UNREAD);
                let start = Instant::now();
                plugins.wait(async {
                    for _ in 0..now {
                        plugins.message(Some(id), &message).await.expect("it is taken");
                    }
                });
                total += start.elapsed();
                crowd.delivered();
                crowd.read();
                left -= now;
            }
            total
        });
    });
}
