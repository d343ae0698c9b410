//! GET on the stream's path: a client opens a stream.

use hyper::header::HeaderValue;
use hyper::http::request::Parts;
use hyper::{Method, Response, StatusCode, Version};

use super::accept::takes_event_stream;
use super::answer::{method_not_allowed, options, text};
use super::body::{self, Body, Sent, Unsized};
use super::event_stream::{EventStream, Input};
use super::rejected::rejected;
use super::resume::{self, RESUME_HEADER};
use super::retry_later::{self, TemporaryRefusal};
use super::sender::CONNECTION_HEADER;
use super::stream_head::{connection_header, stream_headers};
use super::{Client, Endpoint, StreamMode, refusal_log, request};
use crate::broker::Cancellation;
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
            _ if let Some(answer) = self.reject_page(parts) => answer,
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
        let response = if parts.method == Method::GET { self.as_retry(response) } else { response };
        self.with_cors(parts, ALLOW, response)
    }

    async fn open<B: Sent>(&self, parts: &Parts, incoming: Option<B>, client: Client) -> Response<Body> {
        let rooms = match self.requested_rooms(parts) {
            Ok(rooms) => rooms,
            Err(why) => return text(StatusCode::BAD_REQUEST, why),
        };
        let rewind = match resume::rewind(parts, &self.config) {
            Ok(rewind) => rewind,
            Err(why) => return text(StatusCode::BAD_REQUEST, why),
        };
        let cancellation = match client.mode {
            // The library neither reads nor gives up before it has the answer.
            StreamMode::Takeover(_) => Cancellation::Never,
            // The client may reset the stream, which drops this future.
            StreamMode::Pull(_) => Cancellation::Possible,
        };
        let request = || request::for_plugins(parts, client.peer);
        let mut admitted = match self.broker.connect(client.peer, request, rooms, cancellation).await {
            Ok(admitted) => admitted,
            Err(why) => return rejected(why),
        };
        let resumed = admitted.resume(|| resume::request(parts, rewind, &self.config));
        let input = Input::of(incoming, self.broker.hub().limits().input_bytes);
        let mut response = start(admitted, parts.version, client, input);
        stream_headers(response.headers_mut());
        if let Some(state) = resumed {
            response.headers_mut().insert(RESUME_HEADER, resume::header(state));
        }
        connection_header(parts, &mut response);
        response
    }

    /// Turn a temporary refusal into a stream that says when to retry, if the configuration says so; also while the server
    /// shuts down, as open streams get it: a request that was under way when the listener closed must not end a browser's
    /// stream for good.
    fn as_retry(&self, answer: Response<Body>) -> Response<Body> {
        if !retry_later::is_temporary(answer.status()) {
            return answer;
        }
        match self.config.refusal {
            TemporaryRefusal::Status if !self.broker.hub().is_draining() => answer,
            _ => retry_later::instead_of(&answer, self.config.retry),
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
    let body = match client.mode {
        StreamMode::Takeover(slot) => {
            let framing = if version == Version::HTTP_10 { Framing::Plain } else { Framing::Chunked };
            body::boxed(slot.request(connection, framing))
        }
        StreamMode::Pull(cut) => {
            let queue = connection.body(cut);
            drop(connection.attach(Transport::Body(queue.clone())));
            body::boxed(EventStream::new(queue, input))
        }
    };
    let mut response = Response::new(body);
    response.headers_mut().insert(CONNECTION_HEADER, HeaderValue::from_str(&id).expect("a UUID is a valid header"));
    response
}
