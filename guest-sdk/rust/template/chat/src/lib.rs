//! A chat: clients that open /sse?name=Ada get the messages that others post to /send.

use roomcast_sdk::prelude::*;

#[derive(Default)]
struct Chat;

impl OnConnect for Chat {
    // A client opens /sse?name=Ada.
    fn on_connect(&mut self, connection: Connection, request: &Request) -> Result<(), Rejection> {
        let name = request.parameter("name").unwrap_or_else(|| "somebody".into());
        connection.set_tag(&name)?;
        connection.send(&Event::new(format!("Hello {name}!")).name("welcome"))?;
        Ok(())
    }
}

impl OnMessage for Chat {
    // A client posts to /send, with the header Roomcast-Connection.
    fn on_message(
        &mut self,
        connection: Option<Connection>,
        _request: &Request,
        body: Body,
    ) -> Result<Reply, Rejection> {
        let connection = connection.ok_or("name your stream in the header Roomcast-Connection")?;
        let text = body.as_text().ok_or("text only")?;
        let said = serde_json::json!({ "name": connection.tag()?, "text": text });
        hub::broadcast("__all", &Event::json(&said).map_err(|why| why.to_string())?.name("chat"))?;
        Ok(Reply::accepted())
    }
}

roomcast_sdk::export!(Chat: OnConnect, OnMessage);

#[cfg(test)]
mod tests {
    use roomcast_sdk::testing::FakeHub;

    use super::*;

    #[test]
    fn people_talk() {
        let mut hub = FakeHub::<Chat>::start().expect("starts");
        let ada = hub.connect("/sse?name=Ada").expect("accepted");
        assert_eq!(hub.received(ada), [Event::new("Hello Ada!").name("welcome")]);
        assert_eq!(hub.message(ada, "hi"), Ok(Reply::accepted()));
        assert_eq!(hub.received(ada), [Event::new(r#"{"name":"Ada","text":"hi"}"#).name("chat")]);
    }
}
