//! The way events get into a server: HTTP for a real one, a pipe for a bare loop.

use std::io::{self, Read as _, Write as _};
use std::net::SocketAddr;
use std::process::ChildStdin;

use anyhow::{Error, Result, anyhow, bail};
use mio::net::TcpStream;
use mio::{Interest, Registry, Token};
use serde_json::{Value, json};

use super::payload::Payload;

/// What the connections of a publisher are registered as.
pub(crate) const TOKEN: Token = Token(usize::MAX);

/// Something that can publish.
pub(crate) enum Publisher {
    /// Frames, ready-made.
    Pipe(ChildStdin),
    /// `POST` on connections that are kept open, one request on each at a time.
    Http(Vec<Connection>),
}

impl Publisher {
    /// Opens as many connections as there may be events in flight.
    pub(crate) fn http(way: &Way, in_flight: usize, registry: &Registry) -> Result<Self> {
        let connections = (0..in_flight).map(|_| Connection::open(way, registry)).collect::<io::Result<_>>();
        connections.map(Self::Http).map_err(|cause| failed("cannot connect", &cause))
    }

    /// Reopens its connections: a server closes one that was idle for some seconds.
    ///
    /// # Panics
    /// When it is not idle.
    pub(crate) fn renew(&mut self, registry: &Registry) -> Result<()> {
        assert!(self.is_idle(), "invariant: nothing is under way");
        let Self::Http(connections) = self else { return Ok(()) };
        let opened = connections.iter().map(|old| Connection::open(&old.way, registry)).collect::<io::Result<_>>();
        *connections = opened.map_err(|cause| failed("cannot connect", &cause))?;
        Ok(())
    }

    /// Whether an event can be published now.
    pub(crate) fn is_free(&self) -> bool {
        match self {
            Self::Pipe(_) => true,
            Self::Http(connections) => connections.iter().any(|connection| !connection.waits),
        }
    }

    /// Whether all that was published has been answered.
    pub(crate) fn is_idle(&self) -> bool {
        match self {
            Self::Pipe(_) => true,
            Self::Http(connections) => connections.iter().all(|connection| !connection.waits),
        }
    }

    /// Publishes one event.
    ///
    /// # Panics
    /// When it is not free.
    pub(crate) fn publish(&mut self, payload: Payload, number: u32) -> Result<()> {
        match self {
            Self::Pipe(pipe) => pipe.write_all(&payload.frame(number)),
            Self::Http(connections) => {
                let free = connections.iter_mut().find(|connection| !connection.waits);
                free.expect("invariant: asked only when it is free").post(&payload.data(number))
            }
        }
        .map_err(|cause| failed("cannot publish", &cause))
    }

    /// Reads what the server has answered.
    ///
    /// # Errors
    /// When an answer is anything but a success, with the expected number of receivers if it names one.
    pub(crate) fn take_answers(&mut self, receivers: usize) -> Result<()> {
        let Self::Http(connections) = self else { return Ok(()) };
        connections.iter_mut().try_for_each(|connection| connection.take_answer(receivers))
    }
}

/// Where events are sent, and as what.
#[derive(Clone)]
pub(crate) enum Way {
    /// To the API, as an event for the room that every connection is in.
    Api(SocketAddr),
    /// To the API, as an event for this room, however many are in it.
    Room(SocketAddr, String),
    /// To the public listener, as a message of the stream with this id.
    Message(SocketAddr, String),
    /// To another kind of server, as plain text.
    Peer(SocketAddr),
}

impl Way {
    fn address(&self) -> SocketAddr {
        match self {
            Self::Api(address) | Self::Room(address, _) | Self::Message(address, _) | Self::Peer(address) => *address,
        }
    }

    fn request(&self, data: &str) -> String {
        let json = "Content-Type: application/json\r\n";
        let (path, headers, body) = match self {
            Self::Api(_) => ("/v1/rooms/__all/events".to_owned(), json.to_owned(), json!({ "data": data }).to_string()),
            Self::Room(_, room) => {
                (format!("/v1/rooms/{room}/events"), json.to_owned(), json!({ "data": data }).to_string())
            }
            Self::Message(_, id) => {
                let body = json!({ "type": "say", "text": data }).to_string();
                ("/send".to_owned(), format!("Roomcast-Connection: {id}\r\n{json}"), body)
            }
            Self::Peer(_) => ("/publish".to_owned(), "Content-Type: text/plain\r\n".to_owned(), data.to_owned()),
        };
        let (host, length) = (self.address(), body.len());
        format!("POST {path} HTTP/1.1\r\nHost: {host}\r\n{headers}Content-Length: {length}\r\n\r\n{body}")
    }

    /// Whether it was accepted, and for all streams.
    fn is_success(&self, answer: &Answer<'_>, receivers: usize) -> bool {
        match self {
            Self::Api(_) => answer.status == "200" && answer.receivers == Some(receivers as u64),
            Self::Room(..) => answer.status == "200",
            Self::Message(..) => answer.status == "202",
            Self::Peer(_) => answer.status.starts_with('2'),
        }
    }
}

/// One connection that is kept open.
pub(crate) struct Connection {
    socket: TcpStream,
    way: Way,
    waits: bool,
    answer: Vec<u8>,
}

impl Connection {
    fn open(way: &Way, registry: &Registry) -> io::Result<Self> {
        let socket = std::net::TcpStream::connect(way.address())?;
        socket.set_nodelay(true)?;
        socket.set_nonblocking(true)?;
        let mut socket = TcpStream::from_std(socket);
        registry.register(&mut socket, TOKEN, Interest::READABLE)?;
        Ok(Self { socket, way: way.clone(), waits: false, answer: Vec::new() })
    }

    fn post(&mut self, data: &str) -> io::Result<()> {
        let request = self.way.request(data);
        self.waits = true;
        // The socket's buffer is empty, since the last answer has come: it takes a small request whole.
        match self.socket.write(request.as_bytes())? {
            count if count == request.len() => Ok(()),
            _ => Err(io::Error::new(io::ErrorKind::WriteZero, "the request does not fit into the socket's buffer")),
        }
    }

    fn take_answer(&mut self, receivers: usize) -> Result<()> {
        let mut buffer = [0; 4096];
        loop {
            match self.socket.read(&mut buffer) {
                Ok(0) => bail!("the server closed the connection of a publisher"),
                Ok(count) => self.answer.extend_from_slice(&buffer[..count]),
                Err(cause) if cause.kind() == io::ErrorKind::WouldBlock => break,
                Err(cause) => return Err(failed("cannot read an answer", &cause)),
            }
        }
        let Some(answer) = Answer::parse(&self.answer) else { return Ok(()) };
        if !self.way.is_success(&answer, receivers) {
            let text = String::from_utf8_lossy(&self.answer);
            bail!("expected a success and {receivers} receivers, the server answered:\n{text}");
        }
        self.answer.clear();
        self.waits = false;
        Ok(())
    }
}

/// What a server has answered.
pub(crate) struct Answer<'a> {
    pub(crate) status: &'a str,
    receivers: Option<u64>,
}

impl<'a> Answer<'a> {
    /// Nothing while the answer is not all there.
    pub(crate) fn parse(bytes: &'a [u8]) -> Option<Self> {
        let (head, body) = std::str::from_utf8(bytes).ok()?.split_once("\r\n\r\n")?;
        let mut headers = head.lines().filter_map(|line| line.split_once(':'));
        let length = headers.find(|(name, _)| name.eq_ignore_ascii_case("content-length"))?.1;
        let body = body.get(..length.trim().parse().ok()?)?;
        let receivers = serde_json::from_str::<Value>(body).ok().and_then(|body| body["receivers"].as_u64());
        Some(Self { status: head.split(' ').nth(1)?, receivers })
    }
}

fn failed(action: &str, cause: &io::Error) -> Error {
    anyhow!("publisher: {action}: {cause}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_read_when_it_is_whole() {
        let whole = "HTTP/1.1 200 OK\r\nContent-Length: 15\r\n\r\n{\"receivers\":3}";
        let answer = Answer::parse(whole.as_bytes()).expect("whole");
        assert_eq!((answer.status, answer.receivers), ("200", Some(3)));
        for end in 0..whole.len() {
            assert!(Answer::parse(&whole.as_bytes()[..end]).is_none(), "cut at {end}");
        }
    }
}
