//! A board that everyone sees and changes: cards, and votes for them.

use roomcast_sdk::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::json;

/// All cards, and the last id that was given.
#[derive(Default, Serialize, Deserialize)]
pub struct Board {
    cards: Vec<Card>,
    last_id: u64,
}

#[derive(Serialize, Deserialize)]
struct Card {
    id: u64,
    text: String,
    votes: u64,
}

/// What a client posts: {"type": "add", "text": "Tea"}, or {"type": "vote", "id": 1}.
#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "lowercase")]
enum Message {
    Add { text: String },
    Vote { id: u64 },
    Remove { id: u64 },
}

impl OnConnect for Board {
    fn on_connect(&mut self, connection: Connection, _: &Request) -> Result<(), Rejection> {
        Ok(connection.send(&Event::new(json!(self.cards).to_string()).name("board"))?)
    }
}

impl OnMessage for Board {
    fn on_message(&mut self, _: Option<Connection>, _: &Request, body: Body) -> Result<Reply, Rejection> {
        match body.json().map_err(|why| why.to_string())? {
            Message::Add { text } => self.add(text)?,
            Message::Vote { id } => {
                let at = self.find(id)?;
                self.cards[at].votes += 1;
                tell(&self.cards[at])?;
            }
            Message::Remove { id } => {
                let at = self.find(id)?;
                self.cards.remove(at);
                hub::broadcast("__all", &Event::new(id.to_string()).name("removed"))?;
            }
        }
        Ok(Reply::accepted())
    }
}

/// A new version starts with the board of the one before.
impl State for Board {
    fn save(&mut self) -> Result<Vec<u8>, String> {
        serde_json::to_vec(self).map_err(|why| why.to_string())
    }

    fn restore(&mut self, state: Vec<u8>) -> Result<(), String> {
        *self = serde_json::from_slice(&state).map_err(|why| why.to_string())?;
        Ok(())
    }
}

impl Board {
    fn add(&mut self, text: String) -> Result<(), Rejection> {
        if text.is_empty() || text.chars().count() > 200 {
            return Err("a card's `text` is 1 to 200 characters long".into());
        }
        if self.cards.len() == 100 {
            return Err("the board is full: remove a card first".into());
        }
        self.last_id += 1;
        let card = Card { id: self.last_id, text, votes: 0 };
        tell(&card)?;
        self.cards.push(card);
        Ok(())
    }

    fn find(&self, id: u64) -> Result<usize, &'static str> {
        self.cards.iter().position(|card| card.id == id).ok_or("there is no such card")
    }
}

fn tell(card: &Card) -> Result<u32, Error> {
    hub::broadcast("__all", &Event::new(json!(card).to_string()).name("card"))
}

roomcast_sdk::export!(Board: OnConnect, OnMessage, State);

#[cfg(test)]
mod tests {
    use roomcast_sdk::testing::FakeHub;

    use super::*;

    #[test]
    fn the_board_outlives_a_reload() {
        let mut hub = FakeHub::<Board>::start().expect("starts");
        hub.message(None, r#"{"type": "add", "text": "Tea"}"#).expect("taken");
        hub.message(None, r#"{"type": "vote", "id": 1}"#).expect("taken");
        hub.message(None, r#"{"type": "vote", "id": 2}"#).expect_err("there is no such card");
        hub.reload().expect("reloads");
        let ada = hub.connect("/sse").expect("accepted");
        assert_eq!(hub.received(ada), [Event::new(r#"[{"id":1,"text":"Tea","votes":1}]"#).name("board")]);
    }
}
