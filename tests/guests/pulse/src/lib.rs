//! What the bench measures of plugins: broadcasts from a timer, and decisions.
//!
//! A message is `pulse EVERY_MS PER_TICK BYTES FIRST ROOM ROOM ...`: broadcast one event to each of these rooms in turn, so
//! many at each tick, each with so many bytes of data, numbered from FIRST on, and then be silent. Any other message is a
//! decision: 202 if the message has the token `letmein`, otherwise 403.

use std::time::Duration;

use roomcast_sdk::prelude::*;

const TOKEN: &str = "token=letmein";

/// What is still to be broadcast.
#[derive(Default)]
pub struct Pulse {
    task: Option<Task>,
}

struct Task {
    timer: timers::Timer,
    per_tick: usize,
    bytes: usize,
    number: u32,
    /// The last one comes first.
    rooms: Vec<String>,
}

impl OnMessage for Pulse {
    fn on_message(&mut self, _: Option<Connection>, _: &Request, body: Body) -> Result<Reply, Rejection> {
        let text = body.as_text().ok_or("text only")?;
        if let Some(order) = text.strip_prefix("pulse ") {
            self.task = Some(Task::new(order)?);
            return Ok(Reply::accepted());
        }
        let status = if text.split('&').any(|part| part == TOKEN) { 202 } else { 403 };
        Ok(Reply::new(status, ""))
    }
}

impl OnTimer for Pulse {
    fn on_timer(&mut self, _: &str) {
        let Some(task) = &mut self.task else { return };
        for _ in 0..task.per_tick {
            let Some(room) = task.rooms.pop() else { break };
            if let Err(why) = hub::broadcast(&room, &Event::new(data(task.number, task.bytes))) {
                log::error!("room {room}: {why}");
            }
            task.number += 1;
        }
        if task.rooms.is_empty() {
            task.timer.cancel();
            self.task = None;
        }
    }
}

impl Task {
    fn new(order: &str) -> Result<Self, String> {
        let mut words = order.split(' ');
        let mut number = |name: &str| {
            let word = words.next().ok_or_else(|| format!("no {name}"))?;
            word.parse::<u32>().map_err(|why| format!("{name}: {why}"))
        };
        let (every, per_tick) = (number("time")?, number("count")? as usize);
        let (bytes, first) = (number("size")? as usize, number("number")?);
        let mut rooms: Vec<String> = words.map(str::to_owned).collect();
        rooms.reverse();
        let timer = timers::every(Duration::from_millis(every.into()), "pulse")?;
        Ok(Self { timer, per_tick, bytes, number: first, rooms })
    }
}

/// The data of an event of the bench: its number, and then letters that depend on their place.
fn data(number: u32, bytes: usize) -> String {
    let mut data = format!("bench:{number:08}:");
    data.extend((data.len()..bytes).map(|index| char::from(b'a' + (index % 26) as u8)));
    data
}

roomcast_sdk::export!(Pulse: OnMessage, OnTimer);

#[cfg(test)]
mod tests {
    use super::*;
    use roomcast_sdk::testing::FakeHub;

    #[test]
    fn each_tick_has_its_share() {
        let mut hub = FakeHub::<Pulse>::start().expect("starts");
        let ada = hub.connect("/sse").expect("let in");
        ada.join("a").expect("joins");
        hub.message(ada, "pulse 10 2 18 7 a b a").expect("taken");
        hub.advance(Duration::from_millis(10));
        assert_eq!(hub.received(ada), [Event::new("bench:00000007:pqr")]);
        hub.advance(Duration::from_millis(100));
        assert_eq!(hub.received(ada), [Event::new("bench:00000009:pqr")]);
    }
}
