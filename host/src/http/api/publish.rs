//! `POST /v1/rooms/{room}/events`: publish from outside.

use hyper::StatusCode;
use serde::Deserialize;

use super::call::{ApiCall, parse_connection};
use super::{Api, ApiError, ApiResult, json};
use crate::event::Event;
use crate::http::body;
use crate::plugin::PublishOrigin;

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
    pub(super) async fn publish(&self, call: ApiCall) -> ApiResult {
        let room = call.room()?;
        let client = call.client;
        let read = body::read(call.body, &self.body_limits, &client).await?;
        let publication: Publication = serde_json::from_slice(&read.bytes).map_err(|why| {
            ApiError::bad_request(format!(
                "the body is not an event such as {{\"data\":\"hello\",\"event\":\"greeting\"}}: {why}"
            ))
        })?;
        let except = publication.except.as_deref().map(parse_connection).transpose()?;
        let event = Event {
            data: publication.data,
            event: publication.event,
            id: publication.id,
            retry_ms: publication.retry_ms,
        };
        let published = self.broker.publish(room, event, PublishOrigin::Api(client.peer), except).await?;
        let mut answer = serde_json::json!({ "receivers": published.receivers });
        if let Some(position) = published.position {
            answer["id"] = position.to_string().into();
            answer["stored"] = "memory".into();
        }
        Ok(json(StatusCode::OK, &answer))
    }
}
