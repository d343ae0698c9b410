//! The way events get into a server: HTTP for a real one, a pipe for a bare loop.

use std::io::{self, Read as _, Write as _};
use std::net::SocketAddr;
use std::process::ChildStdin;

use mio::net::TcpStream;
use mio::{Interest, Registry, Token};
use serde_json::Value;

use super::payload::Payload;
use crate::failure::{Failure, Outcome};

/// What the connections of a publisher are registered as.
pub(super) const TOKEN: Token = Token(usize::MAX);
/// The room that every connection is in.
const PATH: &str = "/v1/rooms/__all/events";

/// Something that can publish.
pub(super) enum Publisher {
    /// Frames, ready-made.
    Pipe(ChildStdin),
    /// `POST` on connections that are kept open, one request on each at a time.
    Http(Vec<Api>),
}

impl Publisher {
    /// Opens as many connections as there may be events in flight.
    pub(super) fn http(address: SocketAddr, in_flight: usize, registry: &Registry) -> Outcome<Self> {
        let connections = (0..in_flight).map(|_| Api::connect(address, registry)).collect::<io::Result<_>>();
        connections.map(Self::Http).map_err(|cause| failed("cannot connect", &cause))
    }

    /// Whether an event can be published now.
    pub(super) fn is_free(&self) -> bool {
        match self {
            Self::Pipe(_) => true,
            Self::Http(connections) => connections.iter().any(|api| !api.waits),
        }
    }

    /// Whether all that was published has been answered.
    pub(super) fn is_idle(&self) -> bool {
        match self {
            Self::Pipe(_) => true,
            Self::Http(connections) => connections.iter().all(|api| !api.waits),
        }
    }

    /// Publishes one event.
    ///
    /// # Panics
    /// When it is not free.
    pub(super) fn publish(&mut self, payload: Payload, number: u32) -> Outcome {
        match self {
            Self::Pipe(pipe) => pipe.write_all(&payload.frame(number)),
            Self::Http(connections) => {
                let free = connections.iter_mut().find(|api| !api.waits);
                free.expect("invariant: asked only when it is free").post(&payload.data(number))
            }
        }
        .map_err(|cause| failed("cannot publish", &cause))
    }

    /// Reads what the server has answered.
    ///
    /// # Errors
    /// When an answer is anything but 200 with the expected number of receivers.
    pub(super) fn take_answers(&mut self, receivers: usize) -> Outcome {
        let Self::Http(connections) = self else { return Ok(()) };
        connections.iter_mut().try_for_each(|api| api.take_answer(receivers))
    }
}

/// One connection to the API.
pub(super) struct Api {
    socket: TcpStream,
    address: SocketAddr,
    waits: bool,
    answer: Vec<u8>,
}

impl Api {
    fn connect(address: SocketAddr, registry: &Registry) -> io::Result<Self> {
        let socket = std::net::TcpStream::connect(address)?;
        socket.set_nodelay(true)?;
        socket.set_nonblocking(true)?;
        let mut socket = TcpStream::from_std(socket);
        registry.register(&mut socket, TOKEN, Interest::READABLE)?;
        Ok(Self { socket, address, waits: false, answer: Vec::new() })
    }

    fn post(&mut self, data: &str) -> io::Result<()> {
        let body = serde_json::json!({ "data": data }).to_string();
        let (host, length) = (self.address, body.len());
        let request = format!(
            "POST {PATH} HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}"
        );
        self.waits = true;
        // The socket's buffer is empty, since the last answer has come: it takes a small request whole.
        match self.socket.write(request.as_bytes())? {
            count if count == request.len() => Ok(()),
            _ => Err(io::Error::new(io::ErrorKind::WriteZero, "the request does not fit into the socket's buffer")),
        }
    }

    fn take_answer(&mut self, receivers: usize) -> Outcome {
        let mut buffer = [0; 4096];
        loop {
            match self.socket.read(&mut buffer) {
                Ok(0) => return Err(Failure::new("the API closed the connection of a publisher")),
                Ok(count) => self.answer.extend_from_slice(&buffer[..count]),
                Err(cause) if cause.kind() == io::ErrorKind::WouldBlock => break,
                Err(cause) => return Err(failed("cannot read an answer", &cause)),
            }
        }
        let Some(answer) = Answer::parse(&self.answer) else { return Ok(()) };
        if answer.status != "200" || answer.receivers != Some(receivers as u64) {
            let text = String::from_utf8_lossy(&self.answer);
            return Err(Failure::new(format!("expected 200 and {receivers} receivers, the API answered:\n{text}")));
        }
        self.answer.clear();
        self.waits = false;
        Ok(())
    }
}

struct Answer<'a> {
    status: &'a str,
    receivers: Option<u64>,
}

impl<'a> Answer<'a> {
    /// Nothing while the answer is not all there.
    fn parse(bytes: &'a [u8]) -> Option<Self> {
        let (head, body) = std::str::from_utf8(bytes).ok()?.split_once("\r\n\r\n")?;
        let mut headers = head.lines().filter_map(|line| line.split_once(':'));
        let length = headers.find(|(name, _)| name.eq_ignore_ascii_case("content-length"))?.1;
        let body = body.get(..length.trim().parse().ok()?)?;
        let receivers = serde_json::from_str::<Value>(body).ok().and_then(|body| body["receivers"].as_u64());
        Some(Self { status: head.split(' ').nth(1)?, receivers })
    }
}

fn failed(deed: &str, cause: &io::Error) -> Failure {
    Failure::new(format!("publisher: {deed}: {cause}"))
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
