//! A socket that was accepted. It is registered with the runtime's event queue lazily, on the first `WouldBlock`.
//!
//! Most requests have arrived by the time their connection is accepted, and most streams leave for a shard before
//! anything has to be waited for. So they never cost the runtime an entry in its event queue, and two system calls.

use std::io::{self, ErrorKind, Read, Write};
use std::net::Shutdown;
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

pub(super) struct ClientSocket(State);

enum State {
    /// Not registered: no call has returned `WouldBlock` yet.
    Unwatched(mio::net::TcpStream),
    Watched(TcpStream),
    /// While it changes from one to the other, and for good when that has failed.
    Lost,
}

impl ClientSocket {
    /// Take a socket that does not block.
    pub(super) fn new(socket: mio::net::TcpStream) -> Self {
        Self(State::Unwatched(socket))
    }

    /// The socket, registered nowhere.
    ///
    /// # Errors
    /// When the kernel refuses.
    pub(super) fn into_std(self) -> io::Result<std::net::TcpStream> {
        match self.0 {
            State::Unwatched(socket) => Ok(socket.into()),
            State::Watched(socket) => socket.into_std(),
            State::Lost => Err(ErrorKind::NotConnected.into()),
        }
    }

    /// The socket, registered with the runtime.
    fn watched(&mut self) -> io::Result<&mut TcpStream> {
        if let State::Unwatched(_) = self.0
            && let State::Unwatched(socket) = std::mem::replace(&mut self.0, State::Lost)
        {
            self.0 = State::Watched(TcpStream::from_std(socket.into())?);
        }
        match &mut self.0 {
            State::Watched(socket) => Ok(socket),
            _ => Err(ErrorKind::NotConnected.into()),
        }
    }

    /// Do something with the socket at once; none when it has to be waited for.
    fn at_once<T>(
        &mut self,
        mut action: impl FnMut(&mut mio::net::TcpStream) -> io::Result<T>,
    ) -> Option<io::Result<T>> {
        let State::Unwatched(socket) = &mut self.0 else { return None };
        loop {
            match action(socket) {
                Err(error) if error.kind() == ErrorKind::WouldBlock => return None,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                outcome => return Some(outcome),
            }
        }
    }
}

impl AsyncRead for ClientSocket {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, into: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        match self.at_once(|socket| socket.read(into.initialize_unfilled())) {
            Some(outcome) => Poll::Ready(outcome.map(|count| into.advance(count))),
            None => Pin::new(self.watched()?).poll_read(cx, into),
        }
    }
}

impl AsyncWrite for ClientSocket {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        match self.at_once(|socket| socket.write(bytes)) {
            Some(outcome) => Poll::Ready(outcome),
            None => Pin::new(self.watched()?).poll_write(cx, bytes),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        // A socket keeps nothing back.
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.0 {
            State::Unwatched(socket) => Poll::Ready(socket.shutdown(Shutdown::Write)),
            State::Watched(socket) => Pin::new(socket).poll_shutdown(cx),
            State::Lost => Poll::Ready(Ok(())),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::{TcpListener, TcpStream as Client};

    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;

    fn pair() -> (ClientSocket, Client) {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let client = Client::connect(listener.local_addr().expect("bound")).expect("it listens");
        let (socket, _) = listener.accept().expect("somebody has connected");
        socket.set_nonblocking(true).expect("a socket");
        (ClientSocket::new(mio::net::TcpStream::from_std(socket)), client)
    }

    #[tokio::test]
    async fn what_is_there_is_taken_unwatched() {
        let (mut stream, mut client) = pair();
        client.write_all(b"hello").expect("connected");
        let mut bytes = [0; 5];
        stream.read_exact(&mut bytes).await.expect("it is there");
        stream.write_all(b"answer").await.expect("there is room");
        assert!(matches!(stream.0, State::Unwatched(_)), "nothing had to be waited for");
        client.read_exact(&mut [0; 6]).expect("the answer");
    }

    #[tokio::test]
    async fn what_is_not_there_is_waited_for() {
        let (mut stream, mut client) = pair();
        let reader = tokio::spawn(async move {
            let mut bytes = [0; 5];
            stream.read_exact(&mut bytes).await.expect("it comes");
            (stream, bytes)
        });
        tokio::task::yield_now().await;
        client.write_all(b"hello").expect("connected");
        let (stream, bytes) = reader.await.expect("no panic");
        assert_eq!(&bytes, b"hello");
        assert!(matches!(stream.0, State::Watched(_)));
        let socket = stream.into_std().expect("nobody watches it any more");
        (&socket).write_all(b"x").expect("it is still open");
        client.read_exact(&mut [0; 1]).expect("a byte");
    }
}
