//! POST on the message path: client-to-server messages, since an event stream goes one way only.

use hyper::header::{self, HeaderValue};
use hyper::http::request::Parts;
use hyper::{Method, Request, Response, StatusCode};

use super::answer::{append, empty, method_not_allowed, options, text};
use super::body::{self, Body, BodyError, Sent};
use super::rates::TooFast;
use super::rejected::rejected;
use super::sender::sender;
use super::{Client, Endpoint, refusal_log, request};
use crate::metrics::HttpMetrics;
use crate::plugin;

const ALLOW: &str = "POST, OPTIONS";

impl Endpoint {
    /// Answer on the message path.
    pub(super) async fn message<B: Sent>(&self, request: Request<B>, client: Client) -> Response<Body> {
        let (parts, incoming) = request.into_parts();
        let peer = client.peer;
        let response = match (&parts.method, self.reject_page(&parts)) {
            (&Method::OPTIONS, _) => options(ALLOW),
            (_, Some(answer)) => {
                // An answer that overtakes the request's body is taken for a broken connection by some clients.
                let _ = body::read(incoming, &self.body_limits, &client).await;
                answer
            }
            (&Method::POST, None) => self.pass_on(&parts, incoming, client).await.unwrap_or_else(|answer| *answer),
            _ => method_not_allowed(ALLOW),
        };
        refusal_log::note(&parts, peer, &response);
        HttpMetrics::answered("message", response.status());
        self.with_cors(&parts, ALLOW, response)
    }

    async fn pass_on<B: Sent>(
        &self,
        parts: &Parts,
        incoming: B,
        client: Client,
    ) -> Result<Response<Body>, Box<Response<Body>>> {
        let sender = sender(parts).map_err(|why| Box::new(text(StatusCode::BAD_REQUEST, why)))?;
        if sender.is_some_and(|id| !self.broker.hub().is_open(id)) {
            let why = "the connection is not open (any more): open the stream first, and use its current id\n";
            return Err(Box::new(text(StatusCode::NOT_FOUND, why)));
        }
        self.rates.message(sender, client.peer.ip()).map_err(|why| Box::new(too_fast(&why)))?;
        let read = body::read(incoming, &self.body_limits, &client).await.map_err(|why| Box::new(unread(&why)))?;
        let request = request::for_plugins(parts, client.peer);
        Ok(match self.broker.message(sender, request, read.bytes.clone()).await {
            Ok(answer) => answered(answer),
            Err(why) => rejected(why),
        })
    }
}

fn unread(why: &BodyError) -> Response<Body> {
    let mut response = text(why.status(), format!("{why}\n"));
    if let Some(seconds) = why.retry_after() {
        response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
    }
    response
}

fn too_fast(why: &TooFast) -> Response<Body> {
    let (rate, seconds) = (why.rate, why.seconds());
    let why = format!("`rates.messages` = \"{rate}\" is exceeded: try again in {seconds} s\n");
    let mut response = text(StatusCode::TOO_MANY_REQUESTS, why);
    response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    response
}

fn answered(answer: plugin::Response) -> Response<Body> {
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = match String::from_utf8(answer.body.into()) {
        Ok(body) if body.is_empty() => empty(status),
        Ok(body) => text(status, body),
        Err(binary) => {
            let mut response = Response::new(body::full(binary.into_bytes()));
            *response.status_mut() = status;
            // Stop browsers from sniffing it as HTML.
            let headers = response.headers_mut();
            headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/octet-stream"));
            headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
            response
        }
    };
    append(&mut response, answer.headers);
    response
}
