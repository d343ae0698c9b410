//! One request over a chosen version of HTTP.

use std::net::SocketAddr;

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::header::HeaderMap;
use hyper::{Method, Response, Version};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::net::{TcpSocket, TcpStream};

use crate::within_deadline;

/// Any request that a test makes.
pub(crate) type Request = hyper::Request<Full<Bytes>>;

/// A version of HTTP. A test body that takes one runs over all three.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wire {
    /// HTTP/1.0: the end of the connection ends the stream.
    Http10,
    /// HTTP/1.1: chunks.
    Http11,
    /// HTTP/2 in clear text, by prior knowledge.
    Http2,
}

impl Wire {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Http10, Self::Http11, Self::Http2];
}

/// A whole answer.
#[derive(Debug)]
pub struct Answer {
    /// The status code.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: Bytes,
}

impl Answer {
    /// A header's value; empty when it is not there.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().expect("ASCII"))
    }

    /// The body as text.
    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.body).expect("UTF-8")
    }

    /// The body as JSON.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|why| panic!("not JSON ({why}): {}", self.text()))
    }
}

/// A connection of a client, with an address of its own if wished (all of 127.0.0.0/8 is this machine).
pub(crate) async fn dial(to: SocketAddr, from: Option<[u8; 4]>) -> TcpStream {
    let connect = async {
        let socket = TcpSocket::new_v4()?;
        if let Some(from) = from {
            socket.bind(SocketAddr::from((from, 0)))?;
        }
        socket.connect(to).await
    };
    within_deadline("connecting", connect).await.unwrap_or_else(|why| panic!("connecting to {to}: {why}"))
}

/// A connection whose receive buffer is as small as the kernel allows.
pub(crate) async fn dial_with_small_buffer(to: SocketAddr) -> TcpStream {
    let socket = TcpSocket::new_v4().expect("a socket");
    socket.set_recv_buffer_size(4096).expect("a buffer size");
    within_deadline("connecting", socket.connect(to)).await.expect("connected")
}

/// Send one request on a new connection. The connection lives as long as the answer's body does.
pub(crate) async fn send(wire: Wire, stream: TcpStream, request: Request) -> Result<Response<Incoming>, hyper::Error> {
    let (mut parts, body) = request.into_parts();
    let host = stream.peer_addr().expect("connected").to_string();
    let io = TokioIo::new(stream);
    match wire {
        Wire::Http10 | Wire::Http11 => {
            parts.version = if wire == Wire::Http10 { Version::HTTP_10 } else { Version::HTTP_11 };
            parts.headers.entry("host").or_insert(host.parse().expect("an address is a host"));
            let (mut sender, connection) = hyper::client::conn::http1::handshake(io).await?;
            tokio::spawn(connection);
            sender.send_request(hyper::Request::from_parts(parts, body)).await
        }
        Wire::Http2 => {
            parts.version = Version::HTTP_2;
            let path = parts.uri.path_and_query().expect("a path").as_str();
            parts.uri = format!("http://{host}{path}").parse().expect("a URI");
            let (mut sender, connection) = hyper::client::conn::http2::handshake(TokioExecutor::new(), io).await?;
            tokio::spawn(connection);
            sender.send_request(hyper::Request::from_parts(parts, body)).await
        }
    }
}

/// A request with these headers.
pub(crate) fn request(method: &str, path: &str, headers: &[(&str, &str)], body: impl Into<Bytes>) -> Request {
    let mut request = hyper::Request::new(Full::new(body.into()));
    *request.method_mut() = Method::from_bytes(method.as_bytes()).expect("a method");
    *request.uri_mut() = path.parse().expect("a path");
    for (name, value) in headers {
        let name: hyper::header::HeaderName = name.parse().expect("a header name");
        request.headers_mut().append(name, value.parse().expect("a header value"));
    }
    request
}

/// Read an answer whole.
pub(crate) async fn whole(response: Response<Incoming>) -> Answer {
    let (parts, body) = response.into_parts();
    let body = within_deadline("the body", body.collect()).await.expect("a whole body").to_bytes();
    Answer { status: parts.status.as_u16(), headers: parts.headers, body }
}
