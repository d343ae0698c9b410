//! `roomcast publish`: an event for a room of a running server.

use std::io::Read;

use anyhow::{Context, Result};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::json;

use super::api::{ApiArgs, ApiClient};
use super::print::print;
use super::printable;

/// An event, and who gets it.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The room; `__all` is everybody.
    room: String,
    /// The event's data; `-` reads it from standard input.
    data: String,
    /// The event's type [default: message].
    #[arg(long, value_name = "TYPE")]
    event: Option<String>,
    /// The event's id.
    #[arg(long)]
    id: Option<String>,
    /// Where the server is.
    #[command(flatten)]
    server: ApiArgs,
}

pub(super) fn run(args: &Args) -> Result<()> {
    let client = ApiClient::of(&args.server)?;
    let data = match args.data.as_str() {
        "-" => {
            let mut text = String::new();
            std::io::stdin().read_to_string(&mut text).context("reading standard input")?;
            text.trim_end_matches('\n').to_owned()
        }
        data => data.to_owned(),
    };
    let event = json!({ "data": data, "event": args.event, "id": args.id });
    let path = format!("/v1/rooms/{}/events", utf8_percent_encode(&args.room, NON_ALPHANUMERIC));
    let answer = super::http::block_on(client.post(&path, Some(&event)))?;
    print(&match answer["receivers"].as_u64() {
        Some(1) => format!("1 connection of room {} gets it", args.room),
        Some(receivers) => format!("{receivers} connections of room {} get it", args.room),
        None => printable::json(&answer),
    })
}
