//! What does it cost a shard to deliver, from the broadcast to the last write?
//!
//! Over pairs of Unix sockets, so that as little as possible of the time is the kernel's. Clients read between two
//! measurements, and that is not counted.

#[path = "parts/crowd.rs"]
mod crowd;

use std::time::{Duration, Instant};

use criterion::{BenchmarkId, Criterion, Throughput};
use roomcast::event::RoomName;

use crowd::Crowd;

/// Rooms of the question with many runs. Each member is in its own choice of them.
const ROOMS: usize = 10;

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    one_event(&mut criterion);
    many_runs(&mut criterion);
    criterion.final_summary();
}

/// One event to a room, by its members.
fn one_event(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("fan-out, one event by members");
    for members in [1, 10, 100, 1_000] {
        let mut crowd = Crowd::new(members);
        let room = crowd::common_room();
        group.throughput(Throughput::Elements(members as u64));
        group.bench_function(BenchmarkId::from_parameter(members), |bencher| {
            bencher.iter_custom(|rounds| time(rounds, &mut crowd, std::slice::from_ref(&room)));
        });
    }
    group.finish();
}

/// An event to each of ten rooms at once. Each member gets another part of the ten in the same batch, so that next to
/// nothing can be shared between them.
fn many_runs(criterion: &mut Criterion) {
    let members = 1 << ROOMS;
    let mut crowd = Crowd::new(members);
    let rooms: Vec<RoomName> = (0..ROOMS).map(|number| crowd::room(&format!("room {number}"))).collect();
    let mut deliveries = 0;
    for (choice, id) in crowd.ids.iter().enumerate() {
        for (number, room) in rooms.iter().enumerate().filter(|(number, _)| choice >> number & 1 == 1) {
            crowd.hub.join(*id, room).unwrap_or_else(|why| panic!("room {number}: {why}"));
            deliveries += 1;
        }
    }
    crowd.delivered();
    let mut group = criterion.benchmark_group("fan-out, another run for each member");
    group.throughput(Throughput::Elements(deliveries));
    group.bench_function(BenchmarkId::from_parameter(members), |bencher| {
        bencher.iter_custom(|rounds| time(rounds, &mut crowd, &rooms));
    });
    group.finish();
}

/// How long it takes to bring an event to each of the rooms, `rounds` times.
fn time(rounds: u64, crowd: &mut Crowd, rooms: &[RoomName]) -> Duration {
    let mut total = Duration::ZERO;
    for _ in 0..rounds {
        let events: Vec<_> = rooms.iter().map(|_| crowd::encoded()).collect();
        let start = Instant::now();
        for (room, event) in rooms.iter().zip(events) {
            crowd.hub.broadcast(room, event, None).expect("there is space in the queue");
        }
        crowd.delivered();
        total += start.elapsed();
        crowd.read();
    }
    total
}
