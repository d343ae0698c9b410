//! axum's `Sse` over `tokio::sync::broadcast`, as its documentation shows it; over HTTP/1.1 and HTTP/2.

use std::convert::Infallible;
use std::io;
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::routing::{get, post};
use axum::serve::ListenerExt as _;
use clap::Parser as _;
use futures_util::stream::{Stream, StreamExt as _};
use roomcast_bench_peers::{Input, MOST_WAITING, Orders, announce};
use tokio::net::TcpListener;
use tokio::sync::broadcast::{self, Sender};
use tokio_stream::wrappers::BroadcastStream;

/// As the others of the bench.
const KEEPALIVE: Duration = Duration::from_secs(15);

#[tokio::main]
async fn main() -> io::Result<()> {
    let orders = Orders::parse();
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    announce(&orders.ports_file, listener.local_addr()?, Input::Http)?;
    let (events, _) = broadcast::channel(MOST_WAITING);
    let routes = Router::new().route("/sse", get(stream)).route("/publish", post(publish)).with_state(events);
    let listener = listener.tap_io(|socket| {
        // It costs latency where it fails, and nothing else.
        let _ = socket.set_nodelay(true);
    });
    axum::serve(listener, routes).await
}

async fn stream(State(events): State<Sender<String>>) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let events = BroadcastStream::new(events.subscribe());
    // What somebody was too slow for is missing; the bench sees that.
    let events = events.filter_map(async |event| event.ok().map(|data| Ok(Event::default().data(data))));
    Sse::new(events).keep_alive(KeepAlive::new().interval(KEEPALIVE))
}

async fn publish(State(events): State<Sender<String>>, data: String) -> StatusCode {
    match events.send(data) {
        Ok(_) => StatusCode::ACCEPTED,
        Err(_) => StatusCode::NOT_FOUND,
    }
}
