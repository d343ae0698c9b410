//! Commands that reach for what lies around a plugin: time, chance and the standard streams, which it has; and the
//! environment, files and the network, which it has not.
//!
//! `now`, `random` (`bytes`: how many; the answer is base64), `print` (`to`: `stdout` or `stderr`, `text` as it is),
//! `environment`, `read-file`, `write-file` and `list-folder` (`path`), `open-files` (`path`, `count`: how many of so
//! many can be open at once), `connect-tcp`, `bind-udp` and `resolve`
//! (`address`, for example `127.0.0.1:80`).

use std::io::Write;
use std::net::{TcpStream, ToSocketAddrs, UdpSocket};
use std::sync::OnceLock;
use std::time::{Instant, SystemTime, UNIX_EPOCH};
use std::{env, fs, io};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::as_json::foreign;
use crate::command::Arguments;

/// Run a command if it is one of these.
///
/// # Errors
/// When an argument is missing.
pub(crate) fn run(op: &str, arguments: &Arguments<'_>) -> Result<Option<Value>, String> {
    Ok(Some(match op {
        "now" => now(),
        "random" => random(arguments.number("bytes")?),
        "print" => foreign(print(arguments.text("to")?, arguments.text("text")?)),
        "environment" => {
            let variables: Vec<_> = env::vars().collect();
            let arguments: Vec<_> = env::args().collect();
            json!({"ok": {"variables": variables, "arguments": arguments}})
        }
        "read-file" => foreign(fs::read_to_string(arguments.text("path")?)),
        "open-files" => open_files(arguments.text("path")?, arguments.number("count")?),
        "write-file" => foreign(fs::write(arguments.text("path")?, "probe")),
        "list-folder" => foreign(fs::read_dir(arguments.text("path")?).map(Iterator::count)),
        "connect-tcp" => foreign(TcpStream::connect(arguments.text("address")?).map(drop)),
        "bind-udp" => foreign(UdpSocket::bind(arguments.text("address")?).map(drop)),
        "resolve" => foreign(arguments.text("address")?.to_socket_addrs().map(Iterator::count)),
        _ => return Ok(None),
    }))
}

/// Milliseconds of the wall clock, and nanoseconds of the monotonic one since the first call.
fn now() -> Value {
    static START: OnceLock<Instant> = OnceLock::new();
    let wall = SystemTime::now().duration_since(UNIX_EPOCH).map(|since| since.as_millis() as u64);
    let monotonic = START.get_or_init(Instant::now).elapsed().as_nanos() as u64;
    json!({"ok": {"wall_ms": wall.unwrap_or_default(), "monotonic_ns": monotonic}})
}

fn open_files(path: &str, count: usize) -> Value {
    let files: Vec<_> = (0..count).filter_map(|_| fs::File::open(path).ok()).collect();
    json!({"ok": files.len()})
}

fn random(count: usize) -> Value {
    let mut bytes = vec![0; count];
    foreign(getrandom::fill(&mut bytes).map(|()| STANDARD.encode(&bytes)))
}

fn print(to: &str, text: &str) -> io::Result<()> {
    let mut stream: Box<dyn Write> = match to {
        "stdout" => Box::new(io::stdout()),
        "stderr" => Box::new(io::stderr()),
        other => return Err(io::Error::other(format!("no stream {other}"))),
    };
    stream.write_all(text.as_bytes())?;
    stream.flush()
}
