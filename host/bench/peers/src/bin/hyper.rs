//! Plain hyper: a task and a channel for each connection, and frames that are encoded once.

use std::convert::Infallible;
use std::io;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use clap::Parser as _;
use futures_util::stream::StreamExt as _;
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt, Empty, StreamBody};
use hyper::body::{Frame, Incoming};
use hyper::header::{CACHE_CONTROL, CONTENT_TYPE};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use roomcast_bench_peers::{Input, MOST_WAITING, Orders, announce};
use tokio::net::TcpListener;
use tokio::sync::mpsc::{self, Sender};
use tokio_stream::wrappers::ReceiverStream;

type Body = BoxBody<Bytes, Infallible>;

/// The ways to all that are connected.
#[derive(Default)]
struct Hub(Mutex<Vec<Sender<Bytes>>>);

impl Hub {
    fn join(&self) -> mpsc::Receiver<Bytes> {
        let (sender, receiver) = mpsc::channel(MOST_WAITING);
        // There is room: nobody else has it yet.
        let _ = sender.try_send(Bytes::from_static(b": connected\n\n"));
        self.lock().push(sender);
        receiver
    }

    /// Who has left, and who does not keep up, is removed.
    fn publish(&self, data: &[u8]) {
        let event = Bytes::from([b"data: ", data, b"\n\n"].concat());
        self.lock().retain(|sender| sender.try_send(event.clone()).is_ok());
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<Sender<Bytes>>> {
        self.0.lock().expect("invariant: nobody panics while it holds the lock")
    }
}

#[tokio::main]
async fn main() -> io::Result<()> {
    let orders = Orders::parse();
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    announce(&orders.ports_file, listener.local_addr()?, Input::Http)?;
    let hub = Arc::new(Hub::default());
    loop {
        let (socket, _) = listener.accept().await?;
        socket.set_nodelay(true)?;
        let hub = Arc::clone(&hub);
        tokio::spawn(async move {
            let service = service_fn(move |request| answer(Arc::clone(&hub), request));
            // A client that leaves is no news.
            let _ = http1::Builder::new().serve_connection(TokioIo::new(socket), service).await;
        });
    }
}

async fn answer(hub: Arc<Hub>, request: Request<Incoming>) -> Result<Response<Body>, hyper::Error> {
    let mut response = Response::new(Empty::new().boxed());
    match (request.method(), request.uri().path()) {
        (&Method::GET, "/sse") => {
            let events = ReceiverStream::new(hub.join()).map(|event| Ok(Frame::data(event)));
            *response.body_mut() = BodyExt::boxed(StreamBody::new(events));
            let headers = [(CONTENT_TYPE, "text/event-stream"), (CACHE_CONTROL, "no-cache")];
            for (name, value) in headers {
                response.headers_mut().insert(name, hyper::header::HeaderValue::from_static(value));
            }
        }
        (&Method::POST, "/publish") => {
            hub.publish(&request.into_body().collect().await?.to_bytes());
            *response.status_mut() = StatusCode::ACCEPTED;
        }
        _ => *response.status_mut() = StatusCode::NOT_FOUND,
    }
    Ok(response)
}
