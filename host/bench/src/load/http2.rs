//! Streams over HTTP/2, many on one connection.

use std::io::{self, Read as _, Write as _};
use std::net::SocketAddr;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker, ready};

use anyhow::{Context as _, Result, bail, ensure};
use h2::RecvStream;
use h2::client::{Builder, Connection, ResponseFuture};
use http::Request;
use mio::net::TcpStream;
use mio::{Interest, Registry, Token};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::ledger::Progress;
use super::recorder::Recorder;
use super::stream::{Signal, Stream};

/// The window of each stream, and of the connection: the most that there is, so that the server never waits for more.
const WINDOW: u32 = (1 << 31) - 1;

/// One connection with some event streams on it.
pub(crate) struct Multiplexed {
    connection: Connection<Socket>,
    streams: Vec<One>,
}

/// One of the streams.
struct One {
    answer: Answer,
    stream: Stream,
    progress: Progress,
}

/// How far the answer to a request is.
enum Answer {
    Awaited(ResponseFuture),
    Open(RecvStream),
}

impl Multiplexed {
    /// Connects, requests this many streams, and registers the socket.
    pub(crate) fn connect(server: SocketAddr, streams: u32, registry: &Registry, token: Token) -> Result<Self> {
        let socket = std::net::TcpStream::connect(server)?;
        socket.set_nodelay(true)?;
        socket.set_nonblocking(true)?;
        let mut socket = TcpStream::from_std(socket);
        registry.register(&mut socket, token, Interest::READABLE | Interest::WRITABLE)?;
        let mut builder = Builder::new();
        builder.initial_window_size(WINDOW).initial_connection_window_size(WINDOW).enable_push(false);
        let handshake = pin!(builder.initial_max_send_streams(streams as usize).handshake(Socket(socket)));
        let Poll::Ready(ready) = handshake.poll(&mut now()) else { bail!("the socket does not take the first bytes") };
        let (requests, connection) = ready?;
        let ask = || {
            let request = Request::get(format!("http://{server}/sse")).body(())?;
            // Each by a handle of its own, which does not wait until the request before it has left.
            let (answer, _) = requests.clone().send_request(request, true)?;
            Ok(One { answer: Answer::Awaited(answer), stream: Stream::default(), progress: Progress::default() })
        };
        let streams = (0..streams).map(|_| ask()).collect::<Result<_>>()?;
        let mut multiplexed = Self { connection, streams };
        multiplexed.exchange()?;
        Ok(multiplexed)
    }

    /// Counts events from 0 again, for a new ledger.
    pub(crate) fn start_over(&mut self) {
        self.streams.iter_mut().for_each(|one| one.progress = Progress::default());
    }

    /// Reads all that has arrived.
    ///
    /// # Errors
    /// When a stream or the connection has ended, or brought an event that was not due.
    pub(crate) fn read(&mut self, recorder: &mut Recorder) -> Result<()> {
        self.exchange()?;
        self.streams.iter_mut().try_for_each(|one| one.read(recorder))
    }

    /// Takes what has arrived, and sends what waits to be sent.
    fn exchange(&mut self) -> Result<()> {
        match pin!(&mut self.connection).poll(&mut now()) {
            Poll::Pending => Ok(()),
            Poll::Ready(Ok(())) => bail!("the server closed the connection"),
            Poll::Ready(Err(cause)) => Err(cause).context("the connection ended"),
        }
    }
}

impl One {
    fn read(&mut self, recorder: &mut Recorder) -> Result<()> {
        loop {
            match &mut self.answer {
                Answer::Awaited(answer) => {
                    let Poll::Ready(response) = pin!(answer).poll(&mut now()) else { return Ok(()) };
                    let response = response?;
                    ensure!(response.status() == 200, "the server answered {}", response.status());
                    recorder.note(Signal::Open(&[]), &mut self.progress)?;
                    self.answer = Answer::Open(response.into_body());
                }
                Answer::Open(body) => {
                    let Poll::Ready(data) = body.poll_data(&mut now()) else { return Ok(()) };
                    let data = data.context("the server ended the stream")??;
                    body.flow_control().release_capacity(data.len())?;
                    self.stream.feed_body(&data, |signal| recorder.note(signal, &mut self.progress))?;
                }
            }
        }
    }
}

/// A waker that does nothing: when the socket is ready all streams are polled, and none has to be woken.
fn now() -> Context<'static> {
    Context::from_waker(Waker::noop())
}

/// A socket that is watched from outside.
struct Socket(TcpStream);

impl AsyncRead for Socket {
    fn poll_read(mut self: Pin<&mut Self>, _: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let count = ready!(at_once(self.0.read(buffer.initialize_unfilled())))?;
        buffer.advance(count);
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Socket {
    fn poll_write(mut self: Pin<&mut Self>, _: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        at_once(self.0.write(bytes))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(self.0.shutdown(std::net::Shutdown::Write))
    }
}

fn at_once<T>(result: io::Result<T>) -> Poll<io::Result<T>> {
    match result {
        Err(cause) if cause.kind() == io::ErrorKind::WouldBlock => Poll::Pending,
        result => Poll::Ready(result),
    }
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;
    use std::thread;

    use bytes::Bytes;
    use http::Response;
    use mio::{Events, Poll as Epoll};

    use super::*;
    use crate::load::payload::Payload;

    const STREAMS: u32 = 3;

    /// Serves one connection, and sends two events to each stream, in pieces.
    async fn serve(listener: TcpListener, payload: Payload) {
        listener.set_nonblocking(true).expect("a socket");
        let (socket, _) =
            tokio::net::TcpListener::from_std(listener).expect("a runtime").accept().await.expect("a client");
        let mut connection = h2::server::handshake(socket).await.expect("HTTP/2");
        let mut open = Vec::new();
        while let Some(request) = connection.accept().await {
            // An error is the client that goes away.
            let Ok((request, mut answer)) = request else { return };
            assert_eq!(request.uri().path(), "/sse");
            let mut body = answer.send_response(Response::new(()), false).expect("a client");
            let events = format!("data: {}\n\ndata: {}\n\n", payload.data(0), payload.data(1)).into_bytes();
            for piece in events.chunks(50) {
                body.send_data(Bytes::copy_from_slice(piece), false).expect("a client");
            }
            open.push(body);
        }
    }

    #[test]
    fn all_streams_of_a_connection_are_read() {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let (address, payload) = (listener.local_addr().expect("bound"), Payload::new(100));
        let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build().expect("a runtime");
        let server = thread::spawn(move || runtime.block_on(serve(listener, payload)));
        let mut epoll = Epoll::new().expect("an epoll");
        let mut client = Multiplexed::connect(address, STREAMS, epoll.registry(), Token(0)).expect("a server");
        let mut recorder = Recorder::new(payload);
        (0..2).for_each(|number| assert_eq!(recorder.ledger.publish(), number));
        while recorder.counts.numbered < 2 * STREAMS as usize {
            epoll.poll(&mut Events::with_capacity(8), None).expect("an epoll");
            client.read(&mut recorder).expect("all in order");
        }
        assert_eq!(recorder.counts.open, STREAMS as usize);
        drop(client);
        server.join().expect("no panic");
    }
}
