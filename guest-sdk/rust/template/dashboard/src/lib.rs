//! Numbers that change, and go to everyone who looks.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use roomcast_sdk::prelude::*;
use serde_json::{Number, json};

type Numbers = BTreeMap<String, Number>;

pub struct Dashboard {
    /// The last value of each number.
    values: Numbers,
    /// The names of those that the clients have not been told yet.
    changed: BTreeSet<String>,
}

impl Plugin for Dashboard {
    fn new() -> Result<Self, String> {
        timers::every(Duration::from_secs(1), "count")?;
        Ok(Self { values: Numbers::new(), changed: BTreeSet::new() })
    }
}

impl OnConnect for Dashboard {
    fn on_connect(&mut self, connection: Connection, _: &Request) -> Result<(), Rejection> {
        Ok(connection.send(&Event::new(json!(self.values).to_string()).name("numbers"))?)
    }
}

impl OnPublish for Dashboard {
    // A back end publishes to the room "numbers". No client is in it: what is published there is for this plugin alone.
    fn on_publish(&mut self, room: &str, event: Event, _: Origin) -> Verdict {
        if room == "numbers" {
            match serde_json::from_str(&event.data) {
                Ok(numbers) => self.update(numbers),
                Err(_) => return Verdict::Refuse(r#"send numbers by their names, such as {"cpu": 42.5}"#.into()),
            }
        }
        Verdict::Forward
    }
}

impl OnTimer for Dashboard {
    fn on_timer(&mut self, token: &str) {
        if token == "count" {
            let streams = hub::count("__all").unwrap_or_default();
            return self.update(Numbers::from([("streams".into(), streams.into())]));
        }
        let changed = std::mem::take(&mut self.changed);
        let numbers: BTreeMap<_, _> = self.values.iter().filter(|(name, _)| changed.contains(*name)).collect();
        if let Err(why) = hub::broadcast("__all", &Event::new(json!(numbers).to_string()).name("numbers")) {
            log::warn!("{why}");
        }
    }
}

impl State for Dashboard {
    fn save(&mut self) -> Result<Vec<u8>, String> {
        serde_json::to_vec(&self.values).map_err(|why| why.to_string())
    }

    fn restore(&mut self, state: Vec<u8>) -> Result<(), String> {
        self.update(serde_json::from_slice(&state).map_err(|why| why.to_string())?);
        Ok(())
    }
}

impl Dashboard {
    /// However often a number changes, clients get its latest value at most ten times a second.
    fn update(&mut self, numbers: Numbers) {
        for (name, value) in numbers {
            if self.values.get(&name) == Some(&value) {
                continue;
            }
            if self.changed.is_empty()
                && let Err(why) = timers::after(Duration::from_millis(100), "tell")
            {
                log::warn!("{why}");
            }
            self.changed.insert(name.clone());
            self.values.insert(name, value);
        }
    }
}

roomcast_sdk::export!(Dashboard: OnConnect, OnPublish, OnTimer, State);

#[cfg(test)]
mod tests {
    use roomcast_sdk::testing::FakeHub;

    use super::*;

    #[test]
    fn the_latest_value_is_sent() {
        let mut hub = FakeHub::<Dashboard>::start().expect("starts");
        let ada = hub.connect("/sse").expect("accepted");
        assert_eq!(hub.received(ada), [Event::new("{}").name("numbers")]);
        hub.publish("numbers", Event::new(r#"{"cpu": 1}"#)).expect("taken");
        hub.publish("numbers", Event::new(r#"{"cpu": 2}"#)).expect("taken");
        hub.advance(Duration::from_millis(100));
        assert_eq!(hub.received(ada), [Event::new(r#"{"cpu":2}"#).name("numbers")]);
    }
}
