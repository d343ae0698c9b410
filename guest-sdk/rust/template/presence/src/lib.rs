//! Who is here, and whether they are active, away or typing.

use std::collections::BTreeMap;
use std::time::Duration;

use roomcast_sdk::prelude::*;
use serde_json::{Value, json};

/// The people who have changed, by id, since the others were told.
#[derive(Default)]
pub struct Presence(BTreeMap<String, Value>);

impl OnConnect for Presence {
    // A client opens /sse?name=Ada.
    fn on_connect(&mut self, connection: Connection, request: &Request) -> Result<(), Rejection> {
        let name = request.parameter("name").filter(|name| (1..=40).contains(&name.chars().count()));
        let name = name.ok_or("a name of 1 to 40 characters is required: /sse?name=Ada")?;
        // The beginning of the connection's id: who knows the whole can post in its name.
        let id = &connection.to_string()[..8];
        self.put(connection, json!({ "id": id, "name": name, "state": "active" }))?;
        Ok(connection.send(&people()?)?)
    }
}

impl OnMessage for Presence {
    // A client posts {"state": "typing"}.
    fn on_message(&mut self, connection: Option<Connection>, _: &Request, body: Body) -> Result<Reply, Rejection> {
        let connection = connection.ok_or("name your stream in the header Roomcast-Connection")?;
        let message: Value = body.json().map_err(|why| why.to_string())?;
        let Some(state @ ("active" | "away" | "typing")) = message["state"].as_str() else {
            return Err(r#"`state` is "active", "away" or "typing""#.into());
        };
        let mut person = person(connection)?;
        person["state"] = state.into();
        self.put(connection, person)?;
        Ok(Reply::accepted())
    }
}

impl OnDisconnect for Presence {
    fn on_disconnect(&mut self, connection: Connection, _: DisconnectReason) {
        let noted = person(connection).and_then(|mut person| {
            person["state"] = "left".into();
            self.note(person)
        });
        noted.unwrap_or_else(|why| log::warn!("{why}"));
    }
}

impl OnTimer for Presence {
    fn on_timer(&mut self, _: &str) {
        let changed: Vec<Value> = std::mem::take(&mut self.0).into_values().collect();
        // After a reload the timer goes on, but the changes are lost: then everyone gets everything.
        let event = if changed.is_empty() { people() } else { Ok(event("presence", changed)) };
        if let Err(why) = event.and_then(|event| hub::broadcast("__all", &event)) {
            log::warn!("{why}");
        }
    }
}

impl Presence {
    /// A connection's tag is the person. The hub keeps it, so it outlives this instance.
    fn put(&mut self, connection: Connection, person: Value) -> Result<(), Error> {
        connection.set_tag(&person.to_string())?;
        self.note(person)
    }

    /// Have the others told, together with what else changes in the next quarter of a second.
    fn note(&mut self, person: Value) -> Result<(), Error> {
        if self.0.is_empty() {
            timers::after(Duration::from_millis(250), "tell")?;
        }
        self.0.insert(person["id"].to_string(), person);
        Ok(())
    }
}

fn person(connection: Connection) -> Result<Value, Error> {
    Ok(serde_json::from_str(&connection.tag()?.unwrap_or_default()).unwrap_or_default())
}

/// Everyone who is here; of a crowd, the first 1,000.
fn people() -> Result<Event, Error> {
    let mut members = hub::members("__all", None, 1000)?.members;
    members.sort();
    Ok(event("people", members.into_iter().map(person).collect::<Result<_, _>>()?))
}

fn event(name: &str, people: Vec<Value>) -> Event {
    Event::new(Value::from(people).to_string()).name(name)
}

roomcast_sdk::export!(Presence: OnConnect, OnMessage, OnDisconnect, OnTimer);

#[cfg(test)]
mod tests {
    use roomcast_sdk::testing::FakeHub;

    use super::*;

    #[test]
    fn changes_are_told_together() {
        let mut hub = FakeHub::<Presence>::start().expect("starts");
        let ada = hub.connect("/sse?name=Ada").expect("accepted");
        let bob = hub.connect("/sse?name=Bob").expect("accepted");
        hub.message(bob, r#"{"state": "away"}"#).expect("taken");
        hub.received(ada);
        hub.advance(Duration::from_millis(250));
        let told = hub.received(ada);
        assert_eq!(told.len(), 1);
        let people: Vec<Value> = serde_json::from_str(&told[0].data).expect("JSON");
        let states: Vec<_> = people.iter().map(|person| person["state"].as_str()).collect();
        assert!(people.len() == 2 && states.contains(&Some("away")), "{people:?}");
    }
}
