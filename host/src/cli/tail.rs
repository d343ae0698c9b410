//! `roomcast tail`: an event stream, as a person reads it.

mod address;
mod show;
mod stream;

use std::time::Duration;

use address::StreamAddress;
use anyhow::Result;
use show::Show;
use stream::{Lost, TailStream};

use crate::event::Received;

/// The pause before reconnecting, unless the server has sent another one.
const RETRY: Duration = Duration::from_secs(2);

/// A stream to read.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The stream, for example 127.0.0.1:8080 or http://127.0.0.1:8080/sse?name=Ada [default path: /sse].
    #[arg(default_value = "http://127.0.0.1:8080/sse")]
    url: String,
    /// Ask for this room; may be given several times. The server must let clients ask (`endpoint.room_parameter`).
    #[arg(long = "room", value_name = "ROOM")]
    rooms: Vec<String>,
    /// Send this header; may be given several times.
    #[arg(short = 'H', long = "header", value_name = "NAME: VALUE")]
    headers: Vec<String>,
    /// Exit after N events.
    #[arg(short = 'n', long, value_name = "N")]
    count: Option<u64>,
    /// Print only the data, one line for each event, for other programs.
    #[arg(long)]
    data: bool,
    /// Also show keepalives and other comments.
    #[arg(long)]
    comments: bool,
}

/// Show a stream until `--count` events were shown, or the server rejects the client.
///
/// # Errors
/// When the server rejects the client, or cannot be reached the first time.
pub(super) fn run(args: &Args) -> Result<()> {
    let address = StreamAddress::new(&args.url, &args.rooms)?;
    let headers = args.headers.iter().map(|header| stream::header(header)).collect::<Result<Vec<_>, _>>()?;
    super::http::block_on(follow(&address, &headers, args))
}

async fn follow(address: &StreamAddress, headers: &[(String, String)], args: &Args) -> Result<()> {
    let mut show = Show::new(args);
    let (mut last_id, mut retry) = (String::new(), RETRY);
    let mut left = args.count.unwrap_or(u64::MAX);
    let mut stream = TailStream::open(address, headers, "").await?;
    show.note(&format!("reading {address}"));
    loop {
        let lost = loop {
            match stream.next().await {
                Ok(Received::Event(event)) => {
                    last_id.clone_from(&event.last_id);
                    show.event(&event)?;
                    left -= 1;
                    if left == 0 {
                        return Ok(());
                    }
                }
                Ok(Received::Comment(text)) => show.comment(&text)?,
                Err(lost) => break lost,
            }
        };
        retry = stream.retry().unwrap_or(retry);
        show.note(&format!("{lost}; reconnecting in {}", humantime::format_duration(retry)));
        stream = loop {
            tokio::time::sleep(retry).await;
            match TailStream::open(address, headers, &last_id).await {
                Ok(stream) => break stream,
                Err(refused @ Lost::Refused(_)) => return Err(refused.into()),
                Err(lost) => show.note(&format!("{lost}; reconnecting in {}", humantime::format_duration(retry))),
            }
        };
        show.note("reconnected");
    }
}
