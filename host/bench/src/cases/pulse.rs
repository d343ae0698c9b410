//! Broadcasts from a plugin's timer: the orders of the guest `pulse`.

use std::time::Duration;

use anyhow::Result;

use super::micros_per;
use crate::load::client::Client;
use crate::load::crowd::Crowd;
use crate::probe::usage::Cpu;
use crate::servers::running::Running;

/// Lets streams ask for their rooms.
pub(super) const TARGET_ROOMS: &str = "endpoint.room_parameter=room";
/// The pace, for each delivery of a tick: the server then has time to spare.
const SPARE: Duration = Duration::from_micros(15);
/// The shortest pace.
const SHORTEST: Duration = Duration::from_millis(10);

/// What the guest is to broadcast.
pub(super) struct Order {
    /// The time from tick to tick.
    pub(super) every: Duration,
    /// Events in a tick.
    pub(super) per_tick: usize,
    /// The size of an event's data.
    pub(super) bytes: usize,
    /// The rooms in turn, and how many are in each.
    pub(super) rooms: Vec<(String, usize)>,
}

/// The time between two ticks with this many deliveries each, and how many of them make a sample.
pub(super) fn pace(deliveries: usize, sample: Duration) -> (Duration, usize) {
    let every = (SPARE * deliveries as u32).max(SHORTEST);
    (every, (sample.as_millis() / every.as_millis()).max(3) as usize)
}

impl Order {
    /// Has the guest do it; CPU of the server per delivery, in microseconds.
    pub(super) fn carry_out(&self, server: &Running, crowd: &mut Crowd) -> Result<f64> {
        let first = crowd.expect(self.rooms.iter().map(|(_, members)| *members as u32));
        Client::connect(server.ports.listen)?.demand("POST", "/send", &self.message(first))?;
        // The first tick is yet to come, so what the order itself costs does not count.
        let before = Cpu::of(server.child.id())?;
        crowd.receive_all()?;
        let used = Cpu::of(server.child.id())?.since(&before);
        Ok(micros_per(used, self.rooms.iter().map(|(_, members)| members).sum()))
    }

    fn message(&self, first: usize) -> String {
        let (every, per_tick, bytes) = (self.every.as_millis(), self.per_tick, self.bytes);
        let rooms: String = self.rooms.iter().map(|(room, _)| format!(" {room}")).collect();
        format!("pulse {every} {per_tick} {bytes} {first}{rooms}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_order_names_everything_that_the_guest_needs() {
        let rooms = vec![("a".to_owned(), 3), ("b".to_owned(), 1)];
        let order = Order { every: Duration::from_millis(20), per_tick: 2, bytes: 100, rooms };
        assert_eq!(order.message(7), "pulse 20 2 100 7 a b");
    }

    #[test]
    fn a_sample_has_some_ticks_and_its_length() {
        assert_eq!(pace(10_000, Duration::from_secs(4)), (Duration::from_millis(150), 26));
        assert_eq!(pace(1, Duration::from_millis(1)), (SHORTEST, 3));
    }
}
