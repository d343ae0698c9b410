//! GET on the endpoint: a client wants a stream.

use std::sync::Arc;

use hyper::header::{self, HeaderValue};
use hyper::http::request::Parts;
use hyper::{Method, Response, StatusCode, Version};

use super::accept::takes_event_stream;
use super::body::{self, Body, Sent, Unsized};
use super::come_back::{self, Passing};
use super::event_stream::{EventStream, Input};
use super::sender::CONNECTION_HEADER;
use super::stream_head::{connection_header, stream_headers};
use super::{Client, Endpoint, Wire, empty, method_not_allowed, options, refusal_log, refused, request, text};
use crate::event::{ConnectionId, RoomName};
use crate::hub::{Admitted, Framing, Hub, HubError, Pending, Transport};
use crate::metrics::HttpMetrics;
use crate::plugin::{self, Chain, JoinCause, Refusal};

const ALLOW: &str = "GET, HEAD, OPTIONS";
/// When a client that was turned away because of a bound may come back, in seconds.
const RETRY_AFTER: &str = "5";

impl Endpoint {
    /// Answer on the stream's path.
    pub(super) async fn stream<B: Sent>(&self, parts: &Parts, incoming: Option<B>, client: Client) -> Response<Body> {
        let peer = client.peer;
        let response = match parts.method {
            Method::OPTIONS => options(ALLOW),
            _ if let Some(answer) = self.turn_page_away(parts) => answer,
            Method::GET | Method::HEAD if !takes_event_stream(&parts.headers) => text(
                StatusCode::NOT_ACCEPTABLE,
                "this address sends text/event-stream, which the Accept header excludes\n",
            ),
            Method::GET => self.open(parts, incoming, client).await,
            Method::HEAD => {
                let mut response = Response::new(body::boxed(Unsized));
                stream_headers(response.headers_mut());
                connection_header(parts, &mut response);
                response
            }
            _ => method_not_allowed(ALLOW),
        };
        refusal_log::note(parts, peer, &response);
        HttpMetrics::answered("stream", response.status());
        let response = if parts.method == Method::GET { self.soften(response) } else { response };
        self.with_cors(parts, ALLOW, response)
    }

    async fn open<B: Sent>(&self, parts: &Parts, incoming: Option<B>, client: Client) -> Response<Body> {
        let rooms = match self.requested_rooms(parts) {
            Ok(rooms) => rooms,
            Err(why) => return text(StatusCode::BAD_REQUEST, why),
        };
        let pending = match self.hub.open(client.peer) {
            Ok(pending) => pending,
            Err(why) => return turned_away(&why),
        };
        let admission = Admission {
            chain: self.chain.clone(),
            hub: self.hub.clone(),
            request: Arc::new(request::for_plugins(parts, client.peer)),
            rooms,
        };
        let decision = match client.wire {
            // The library neither reads nor gives up before it has the answer.
            Wire::Http1(_) => Ok(admission.decide(pending).await),
            // A client that resets the stream meanwhile must not cancel what plugins have begun: a task of its own.
            Wire::Http2(_) => tokio::spawn(admission.decide(pending)).await,
        };
        let admitted = match decision {
            Ok(Ok(admitted)) => admitted,
            Ok(Err(refusal)) => return refused(refusal),
            Err(error) => {
                tracing::error!(%error, "the decision about a connection failed");
                return empty(StatusCode::INTERNAL_SERVER_ERROR);
            }
        };
        let input = Input::of(incoming, self.hub.limits().input_bytes);
        let mut response = start(admitted, parts.version, client, input);
        stream_headers(response.headers_mut());
        connection_header(parts, &mut response);
        response
    }

    /// What a client gets in place of a stream. While the server shuts down it is what open streams get, too: a request that
    /// was under way when the listener closed must not end a browser's stream for good.
    fn soften(&self, answer: Response<Body>) -> Response<Body> {
        if !come_back::will_pass(answer.status()) {
            return answer;
        }
        match self.config.refusal {
            Passing::Status if !self.hub.is_draining() => answer,
            _ => come_back::instead_of(&answer, self.config.retry),
        }
    }

    fn requested_rooms(&self, parts: &Parts) -> Result<Vec<RoomName>, String> {
        let parameter = self.config.room_parameter.as_str();
        if parameter.is_empty() {
            return Ok(Vec::new());
        }
        let rooms = request::parameters(parts, parameter).map(|name| RoomName::new(&name));
        rooms.collect::<Result<_, _>>().map_err(|why| format!("query parameter `{parameter}`: {why}\n"))
    }
}

/// The decision about one connection.
struct Admission {
    chain: Chain,
    hub: Hub,
    request: Arc<plugin::Request>,
    rooms: Vec<RoomName>,
}

impl Admission {
    async fn decide(self, pending: Pending) -> Result<Admitted, Refusal> {
        let id = pending.id();
        let admission = self.chain.connect(id, self.request.clone()).await;
        // Those that have accepted learn how it ends, also if a later one rejects it.
        if let Some(refusal) = admission.refusal {
            pending.reject(admission.accepted);
            return Err(refusal);
        }
        let admitted = pending.admit(admission.accepted);
        match self.join_rooms(id).await {
            Ok(()) => Ok(admitted),
            Err(refusal) => {
                admitted.reject();
                Err(refusal)
            }
        }
    }

    async fn join_rooms(&self, id: ConnectionId) -> Result<(), Refusal> {
        for room in &self.rooms {
            if self.hub.is_in(id, room) {
                continue;
            }
            self.chain.join(id, room, JoinCause::Handshake).await?;
            match self.hub.join(id, room) {
                Ok(()) => {}
                Err(why) => {
                    // The plugins had agreed, so they have to learn that nothing came of it.
                    self.chain.leave(id, room).await;
                    if why == HubError::Closed {
                        // By a plugin, in the meantime: the client gets its head, and the end.
                        return Ok(());
                    }
                    return Err(Refusal {
                        status: 403,
                        headers: Vec::new(),
                        body: format!("room \"{room}\": {why}\n"),
                    });
                }
            }
        }
        Ok(())
    }
}

/// Turn a connection into a stream.
fn start(connection: Admitted, version: Version, client: Client, input: Option<Input>) -> Response<Body> {
    let id = connection.id().to_string();
    let body = match client.wire {
        Wire::Http1(slot) => {
            let framing = if version == Version::HTTP_10 { Framing::Plain } else { Framing::Chunked };
            body::boxed(slot.ask(connection, framing))
        }
        Wire::Http2(cut) => {
            let queue = connection.body(cut);
            drop(connection.attach(Transport::Body(queue.clone())));
            body::boxed(EventStream::new(queue, input))
        }
    };
    let mut response = Response::new(body);
    response.headers_mut().insert(CONNECTION_HEADER, HeaderValue::from_str(&id).expect("a UUID is a valid header"));
    response
}

/// The answer when the hub takes nobody in.
fn turned_away(why: &HubError) -> Response<Body> {
    let status = match why {
        HubError::Limit { key: "limits.connections_per_address", .. } => StatusCode::TOO_MANY_REQUESTS,
        _ => StatusCode::SERVICE_UNAVAILABLE,
    };
    let mut response = text(status, format!("{why}\n"));
    response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static(RETRY_AFTER));
    response
}
