//! `roomcast publish`.

use std::io::Read;

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use super::printable::json;
use super::{client, runtime};
use crate::cli::PublishArgs;

/// Publish an event; the text to print.
///
/// # Errors
/// Why it was refused, or the server cannot be reached.
pub fn publish(args: &PublishArgs) -> Result<String, String> {
    let client = client(&args.server)?;
    let data = match args.data.as_str() {
        "-" => {
            let mut text = String::new();
            std::io::stdin().read_to_string(&mut text).map_err(|why| format!("reading standard input: {why}"))?;
            text.trim_end_matches('\n').to_owned()
        }
        data => data.to_owned(),
    };
    let event = serde_json::json!({ "data": data, "event": args.event, "id": args.id });
    let path = format!("/v1/rooms/{}/events", utf8_percent_encode(&args.room, NON_ALPHANUMERIC));
    let answer = runtime()?.block_on(client.post(&path, Some(&event)))?;
    Ok(match answer["receivers"].as_u64() {
        Some(1) => format!("1 connection of room {} gets it", args.room),
        Some(receivers) => format!("{receivers} connections of room {} get it", args.room),
        None => json(&answer),
    })
}
