//! `roomcast tail`: an event stream, as a person reads it.

mod address;
mod parser;
mod show;
mod stream;

use std::time::Duration;

use super::runtime;
use crate::cli::TailArgs;
use address::Address;
use parser::Item;
use show::Show;
use stream::{Lost, Stream};

/// When to come back, unless the server has said otherwise.
const RETRY: Duration = Duration::from_secs(2);

/// Show a stream until it has shown as many events as were wanted, or the server wants no more.
///
/// # Errors
/// When the server does not let one in, or cannot be reached the first time.
pub fn tail(args: &TailArgs) -> Result<(), String> {
    let address = Address::new(&args.url, &args.rooms)?;
    let headers = args.headers.iter().map(|header| stream::header(header)).collect::<Result<Vec<_>, _>>()?;
    runtime()?.block_on(follow(&address, &headers, args))
}

async fn follow(address: &Address, headers: &[(String, String)], args: &TailArgs) -> Result<(), String> {
    let show = Show::new(args);
    let (mut last_id, mut retry) = (String::new(), RETRY);
    let mut left = args.count.unwrap_or(u64::MAX);
    let mut stream = Stream::open(address, headers, "").await.map_err(|why| why.to_string())?;
    show.note(&format!("reading {address}"));
    loop {
        let lost = loop {
            match stream.next().await {
                Ok(Item::Event(event)) => {
                    last_id.clone_from(&event.last_id);
                    show.event(&event)?;
                    left -= 1;
                    if left == 0 {
                        return Ok(());
                    }
                }
                Ok(Item::Comment(text)) => show.comment(&text)?,
                Ok(Item::Retry(time)) => retry = time,
                Err(lost) => break lost,
            }
        };
        show.note(&format!("{lost}; coming back in {}", humantime::format_duration(retry)));
        stream = loop {
            tokio::time::sleep(retry).await;
            match Stream::open(address, headers, &last_id).await {
                Ok(stream) => break stream,
                Err(Lost::Refused(why)) => return Err(why),
                Err(lost) => show.note(&format!("{lost}; coming back in {}", humantime::format_duration(retry))),
            }
        };
        show.note("reading on");
    }
}
