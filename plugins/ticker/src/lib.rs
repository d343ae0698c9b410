//! Sends `status` on connect, and then `tick` events by a timer.
//!
//! Settings: `interval_ms`, the time between two ticks (default 1000); `room`, the room that gets them (default
//! `__all`, the room of every connection).

use std::time::Duration;

use roomcast_sdk::prelude::*;

/// The settings, and the number of ticks.
pub struct Ticker {
    room: String,
    ticks: u64,
}

impl Plugin for Ticker {
    fn new() -> Result<Self, String> {
        let room = config::get("room")?.unwrap_or_else(|| "__all".into());
        let interval = config::parse("interval_ms")?.unwrap_or(1000);
        timers::every(Duration::from_millis(interval), "tick")
            .map_err(|why| format!("config `interval_ms` = {interval}: {why}"))?;
        hub::count(&room).map_err(|why| format!("config `room` = {room:?}: {why}"))?;
        Ok(Self { room, ticks: 0 })
    }
}

impl OnConnect for Ticker {
    fn on_connect(&mut self, connection: Connection, _request: &Request) -> Result<(), Rejection> {
        connection.join(&self.room)?;
        Ok(connection.send(&Event::new("connected").name("status"))?)
    }
}

impl OnTimer for Ticker {
    fn on_timer(&mut self, token: &str) {
        self.ticks += 1;
        if let Err(why) = hub::broadcast(&self.room, &Event::new(self.ticks.to_string()).name(token)) {
            log::warn!("tick {} was not sent: {why}", self.ticks);
        }
    }
}

roomcast_sdk::export!(Ticker: OnConnect, OnTimer);

#[cfg(test)]
mod tests {
    use super::*;
    use roomcast_sdk::testing::FakeHub;

    fn tick(number: u32) -> Event {
        Event::new(number.to_string()).name("tick")
    }

    #[test]
    fn it_greets_and_ticks() {
        let mut hub = FakeHub::<Ticker>::start().expect("starts");
        let ada = hub.connect("/sse").expect("accepted");
        assert_eq!(hub.received(ada), [Event::new("connected").name("status")]);
        hub.advance(Duration::from_millis(2999));
        assert_eq!(hub.received(ada), [tick(1), tick(2)]);
    }

    #[test]
    fn interval_and_room_are_settings() {
        let mut hub = FakeHub::<Ticker>::configured([("interval_ms", "10"), ("room", "clock")]).expect("starts");
        let ada = hub.connect("/sse").expect("accepted");
        ada.leave("__all").expect("leaves");
        hub.advance(Duration::from_millis(20));
        assert_eq!(hub.received(ada)[1..], [tick(1), tick(2)]);
    }

    #[test]
    fn nonsense_refuses_the_load() {
        for (key, value) in [("interval_ms", "soon"), ("interval_ms", "0"), ("interval_ms", "-1"), ("room", "a\nb")] {
            let why = FakeHub::<Ticker>::configured([(key, value)]).expect_err("does not start");
            assert!(why.contains(key), "{why}");
        }
    }
}
