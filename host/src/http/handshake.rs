//! GET on the endpoint: a client wants a stream.

use hyper::header::HeaderValue;
use hyper::http::request::Parts;
use hyper::{Method, Response, StatusCode, Version};

use super::accept::takes_event_stream;
use super::body::{self, Body, Sent, Unsized};
use super::come_back::{self, Passing};
use super::event_stream::{EventStream, Input};
use super::rejected::rejected;
use super::sender::CONNECTION_HEADER;
use super::stream_head::{connection_header, stream_headers};
use super::{Client, Endpoint, Wire, method_not_allowed, options, refusal_log, request, text};
use crate::broker::Caller;
use crate::event::RoomName;
use crate::hub::{Admitted, Framing, Transport};
use crate::metrics::HttpMetrics;

const ALLOW: &str = "GET, HEAD, OPTIONS";

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
        let caller = match client.wire {
            // The library neither reads nor gives up before it has the answer.
            Wire::Http1(_) => Caller::Stays,
            // The client may reset the stream, which drops this future.
            Wire::Http2(_) => Caller::MayLeave,
        };
        let request = || request::for_plugins(parts, client.peer);
        let admitted = match self.broker.connect(client.peer, request, rooms, caller).await {
            Ok(admitted) => admitted,
            Err(why) => return rejected(why),
        };
        let input = Input::of(incoming, self.broker.hub().limits().input_bytes);
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
            Passing::Status if !self.broker.hub().is_draining() => answer,
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
