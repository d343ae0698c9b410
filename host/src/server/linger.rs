//! The end of a connection whose client may still be sending: what comes is thrown away for a moment.
//!
//! A kernel answers bytes for a socket that is closed with a reset, and at a reset the client's kernel throws away what
//! the client has not read yet: the answer.

use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt, copy, sink};
use tokio::sync::Semaphore;
use tokio::time::timeout;

use super::stream::ClientSocket;
use crate::http::UnreadBody;
use crate::metrics::ServerMetrics;

/// Far more than a client on the other side of the world needs to notice an answer.
const MAX_TIME: Duration = Duration::from_secs(3);
/// Clients that write a whole body before they read send more than the bound on bodies.
const MAX_BYTES: u64 = 16 << 20;
/// Of one listener. Each has a buffer of 8 KiB, and beyond this many a socket is closed at once.
const MAX_SOCKETS: usize = 1_024;

/// The sockets of one listener that are about to close, which still count as its sockets, and its streams of HTTP/2 that
/// are answered while their body comes.
#[derive(Clone)]
pub(super) struct Lingering(Arc<Semaphore>);

impl Lingering {
    pub(super) fn new() -> Self {
        Self(Arc::new(Semaphore::new(MAX_SOCKETS)))
    }

    /// Read until the client has ended its side, or long enough. The sending side is shut already.
    pub(super) async fn linger(&self, stream: &mut ClientSocket) {
        let Ok(_permit) = self.0.try_acquire() else {
            return ServerMetrics::closed_with_input();
        };
        let mut input = stream.take(MAX_BYTES);
        // An error, such as a reset, means that the client is done, too.
        let read = timeout(MAX_TIME, copy(&mut input, &mut sink())).await;
        if read.is_err() || input.limit() == 0 {
            ServerMetrics::closed_with_input();
        }
    }

    /// The same for a body of HTTP/2 whose answer was made without it.
    pub(super) async fn discard(&self, unread: UnreadBody) {
        let Ok(_permit) = self.0.try_acquire() else {
            return ServerMetrics::closed_with_input();
        };
        if timeout(MAX_TIME, unread.discard(MAX_BYTES)).await.is_err() {
            ServerMetrics::closed_with_input();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};
    use std::net::{Shutdown, TcpListener, TcpStream};

    use super::*;

    fn pair() -> (ClientSocket, TcpStream) {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let client = TcpStream::connect(listener.local_addr().expect("bound")).expect("it listens");
        let (socket, _) = listener.accept().expect("a connection");
        socket.set_nonblocking(true).expect("a socket");
        (ClientSocket::new(mio::net::TcpStream::from_std(socket)), client)
    }

    #[tokio::test]
    async fn what_comes_is_read_until_the_client_ends() {
        let (mut stream, mut client) = pair();
        let sender = std::thread::spawn(move || {
            client.write_all(&[b'x'; 1 << 20]).expect("the socket takes all");
            client.shutdown(Shutdown::Write).expect("open");
            client
        });
        Lingering::new().linger(&mut stream).await;
        drop(stream);
        let mut client = sender.join().expect("no panic");
        assert_eq!(client.read(&mut [0]).expect("no reset"), 0);
    }

    #[tokio::test]
    async fn it_is_bounded_in_bytes_and_in_number() {
        let (mut stream, mut client) = pair();
        let sender = std::thread::spawn(move || {
            // Without an end, until the other side has had enough.
            while client.write_all(&[b'x'; 1 << 16]).is_ok() {}
        });
        let lingering = Lingering::new();
        lingering.linger(&mut stream).await;
        let all = lingering.0.try_acquire_many(MAX_SOCKETS as u32).expect("every place has come back");
        lingering.linger(&mut stream).await;
        drop(all);
        drop(stream);
        sender.join().expect("no panic");
    }
}
