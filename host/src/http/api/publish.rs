//! `POST /v1/rooms/{room}/events`: publish from outside.

use hyper::StatusCode;
use serde::Deserialize;

use super::{Answer, Api, Problem, connection, json};
use crate::event::{Event, EventError, RoomName};
use crate::http::{Client, Sent, body};
use crate::plugin::Origin;

/// What a publisher sends.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Publication {
    data: String,
    event: Option<String>,
    id: Option<String>,
    retry_ms: Option<u32>,
    /// A connection that is left out.
    except: Option<String>,
}

impl Api {
    pub(super) async fn publish<B: Sent>(&self, room: RoomName, incoming: B, client: Client) -> Answer {
        let read = match body::read(incoming, &self.body_limits, &client).await {
            Ok(read) => read,
            Err(answer) => return Ok(*answer),
        };
        let publication: Publication = serde_json::from_slice(&read.bytes).map_err(|why| {
            Problem::bad_request(format!(
                "the body is not an event such as {{\"data\":\"hello\",\"event\":\"greeting\"}}: {why}"
            ))
        })?;
        let except = publication.except.as_deref().map(connection).transpose()?;
        let event = Event {
            data: publication.data,
            event: publication.event,
            id: publication.id,
            retry_ms: publication.retry_ms,
        };
        // Before any plugin is asked: what cannot be sent is refused whole.
        let frame = self.hub.encode(&event)?;
        let (chain, hub) = (self.chain.clone(), self.hub.clone());
        // A task of its own: a publisher that leaves meanwhile must not cancel what plugins have begun.
        let task = tokio::spawn(async move {
            let frame = chain.publish(&room, event, frame, Origin::Api(client.peer)).await?;
            Ok::<_, Problem>(hub.broadcast(&room, &frame, except)?)
        });
        let receivers =
            task.await.map_err(|_| Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "publishing failed"))??;
        Ok(json(StatusCode::OK, &serde_json::json!({ "receivers": receivers })))
    }
}

impl From<EventError> for Problem {
    fn from(why: EventError) -> Self {
        match why {
            EventError::Invalid { .. } => Self::bad_request(why.to_string()),
            EventError::TooLarge { .. } => Self::new(StatusCode::PAYLOAD_TOO_LARGE, why.to_string()),
        }
    }
}
