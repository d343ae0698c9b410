//! What the servers have in common: how the bench starts them and finds them.

use std::fs;
use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

/// Events that wait for a subscriber, at most.
pub const MOST_WAITING: usize = 64;

/// The bench's orders.
#[derive(clap::Parser, Debug)]
pub struct Orders {
    /// Where to write the address.
    #[arg(long)]
    pub ports_file: PathBuf,
}

/// How events get in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Input {
    /// By `POST /publish`, where streams are too.
    Http,
    /// As frames on the standard input.
    Standard,
}

/// Tells the bench where to connect; in one step, so that it does not read half of it.
///
/// # Errors
/// When the file cannot be written.
pub fn announce(ports_file: &Path, listen: SocketAddr, input: Input) -> io::Result<()> {
    let draft = ports_file.with_extension("draft");
    let publish = match input {
        Input::Http => format!(",\"publish\":\"{listen}\""),
        Input::Standard => String::new(),
    };
    fs::write(&draft, format!("{{\"listen\":\"{listen}\"{publish}}}"))?;
    fs::rename(draft, ports_file)
}
