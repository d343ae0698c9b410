//! A client that asks one thing after the other, on one connection.

use std::io::{self, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use anyhow::{Context as _, Result, anyhow};

use super::publisher::Answer;

/// How long an answer may take.
const LONGEST: Duration = Duration::from_secs(60);

/// A connection that is kept open. A server closes it when it is not used for some seconds.
pub(crate) struct Client {
    socket: TcpStream,
    server: SocketAddr,
    answer: Vec<u8>,
}

/// What a server said.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) body: String,
}

impl Client {
    pub(crate) fn connect(server: SocketAddr) -> Result<Self> {
        let open = || {
            let socket = TcpStream::connect(server)?;
            socket.set_nodelay(true)?;
            socket.set_read_timeout(Some(LONGEST))?;
            Ok::<_, io::Error>(socket)
        };
        let socket = open().with_context(|| format!("cannot connect to {server}"))?;
        Ok(Self { socket, server, answer: Vec::with_capacity(4096) })
    }

    /// Asks, and waits for the answer.
    pub(crate) fn ask(&mut self, method: &str, path: &str, body: &str) -> Result<Reply> {
        let request = format!(
            "{method} {path} HTTP/1.1\r\nHost: {}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            self.server,
            body.len()
        );
        let failed = |cause: io::Error| anyhow!("{method} {path}: {cause}");
        self.socket.write_all(request.as_bytes()).map_err(failed)?;
        self.answer.clear();
        let mut buffer = [0; 16 << 10];
        loop {
            match self.socket.read(&mut buffer).map_err(failed)? {
                0 => return Err(failed(io::ErrorKind::UnexpectedEof.into())),
                count => self.answer.extend_from_slice(&buffer[..count]),
            }
            if let Some(answer) = Answer::parse(&self.answer) {
                let status = answer.status.parse().map_err(|_| anyhow!("status `{}`", answer.status))?;
                let text = String::from_utf8_lossy(&self.answer);
                let body = text.split_once("\r\n\r\n").map_or_else(String::new, |(_, body)| body.to_owned());
                return Ok(Reply { status, body });
            }
        }
    }

    /// The same, where anything but a success is a failure.
    pub(crate) fn demand(&mut self, method: &str, path: &str, body: &str) -> Result<Reply> {
        let reply = self.ask(method, path, body)?;
        match reply.status {
            200..=299 => Ok(reply),
            status => Err(anyhow!("{method} {path}: the server answered {status}: {}", reply.body)),
        }
    }
}
