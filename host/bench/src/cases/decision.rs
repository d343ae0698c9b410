//! What a decision costs: in a plugin, and by asking another server, as others have it done.

use std::array::from_fn;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Result, anyhow, bail};

use super::{micros_per, paced_rounds};
use crate::load::client::Client;
use crate::plan::Plan;
use crate::probe::usage::Cpu;
use crate::report::table::{Aim, Finding, Series};
use crate::servers::running::Running;
use crate::servers::setup::Setup;
use crate::servers::subject::Subject;
use crate::servers::test_bed::TestBed;

const ANSWER: &[u8] = b"HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n";
/// What both decide about.
const QUESTION: &str = "user=ada&token=letmein&room=tea";
/// The plugin's, at most this many times the callback's.
const MOST: f64 = 0.1;
const LINES: [&str; 5] = [
    "in the plugin: a message minus a request that needs no plugin",
    "callback to an HTTP server",
    "callback over bare sockets",
    "a message that the plugin answers",
    "a request that needs no plugin",
];
/// In a round they take turns so often: the difference of two of them is smaller than what the machine does meanwhile.
const TURNS: usize = 20;
/// Of CPU, and of time.
const BOTH: usize = 2 * LINES.len();

/// The plugin looks for a token in a message of some words, and answers 202. What that adds is the difference of two requests
/// on the same kind of connection: `POST /send` with the message, and `POST` with the same body to a path that there is not.
///
/// The callback is that same request without a plugin: a `POST` on a connection that is kept open, to a server made with an
/// ordinary HTTP library on another core, the work of the client included, which is nothing but blocking reads and writes.
/// The least that any callback can cost is shown, too: no HTTP library on either side, and both on one core.
pub(super) fn measure(plan: &Plan, test_bed: &TestBed) -> Result<Vec<Finding>> {
    let setup = Setup::new().plugin(test_bed.component("test/pulse")?);
    let server = test_bed.start_with(100, &setup)?;
    let callback = callback_server()?;
    let count = if plan.quick { 2_000 } else { 20_000 };
    let mut series: [Series; BOTH] = from_fn(|place| Series::of(Subject::Roomcast, LINES[place % LINES.len()]));
    paced_rounds(plan, "decision", &mut series, |_| {
        let mut sums = [0.0; BOTH];
        for _ in 0..TURNS {
            let turn = one_turn(&server, callback, count / TURNS).map_err(|failure| server.child.blame(&failure))?;
            sums.iter_mut().zip(turn).for_each(|(sum, value)| *sum += value);
        }
        Ok(sums.map(|sum| sum / TURNS as f64))
    })?;
    let mut series = Vec::from(series);
    let times = series.split_off(LINES.len());
    let finding = |what, series| Finding {
        title: format!("{what} of a decision in the plugin, and by a callback to a local HTTP server; {count} of each"),
        unit: "us",
        series,
        aim: Some(Aim::Lines { line: 0, of: 1, most: MOST }),
        plot: None,
    };
    Ok(vec![finding("CPU", series), finding("Time", times)])
}

/// What one request costs, in microseconds.
#[derive(Clone, Copy)]
struct Cost {
    /// CPU of the server.
    server: f64,
    /// CPU of this tool.
    client: f64,
    /// From request to answer, the median.
    time: f64,
}

fn one_turn(server: &Running, callback: SocketAddr, count: usize) -> Result<[f64; BOTH]> {
    let (listen, process) = (server.ports.listen, server.child.id());
    let decided = requests(listen, "/send", 202, process, count)?;
    let plain = requests(listen, "/none", 404, process, count)?;
    let bare = requests(callback, "/decide", 202, process, count)?;
    let cpu = [plain.server + plain.client, bare.client, decided.server, plain.server];
    let time = [plain.time, bare.time, decided.time, plain.time];
    let (in_cpu, in_time) = (decided.server - plain.server, decided.time - plain.time);
    Ok(from_fn(|place| match place {
        0 => in_cpu,
        place if place < LINES.len() => cpu[place - 1],
        place if place == LINES.len() => in_time,
        place => time[place - LINES.len() - 1],
    }))
}

/// Asks so often, one after the other. The server is this process.
fn requests(server: SocketAddr, path: &str, status: u16, process: u32, count: usize) -> Result<Cost> {
    let mut client = Client::connect(server)?;
    let mut times = Vec::with_capacity(count);
    let (theirs, ours) = (Cpu::of(process)?, Cpu::of(process::id())?);
    for _ in 0..count {
        let start = Instant::now();
        let reply = client.ask("POST", path, QUESTION)?;
        times.push(start.elapsed());
        if reply.status != status {
            bail!("POST {path}: expected {status}, got {}: {}", reply.status, reply.body);
        }
    }
    let (theirs, ours) = (Cpu::of(process)?.since(&theirs), Cpu::of(process::id())?.since(&ours));
    let time = micros_per(median(&mut times), 1);
    Ok(Cost { server: micros_per(theirs, count), client: micros_per(ours, count), time })
}

fn median(times: &mut [Duration]) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}

/// Serves one connection after the other until this tool ends.
fn callback_server() -> Result<SocketAddr> {
    let failed = |cause| anyhow!("callback server: {cause}");
    let listener = TcpListener::bind("127.0.0.1:0").map_err(failed)?;
    let address = listener.local_addr().map_err(failed)?;
    thread::spawn(move || listener.incoming().flatten().for_each(decide));
    Ok(address)
}

/// Answers each request with 202 if it has the token, until the connection ends.
fn decide(mut socket: TcpStream) {
    let _ = socket.set_nodelay(true);
    let mut buffer = [0; 4096];
    let mut length = 0;
    while let Ok(count @ 1..) = socket.read(&mut buffer[length..]) {
        length += count;
        if !buffer[..length].ends_with(QUESTION.as_bytes()) {
            continue;
        }
        let is_let_in = buffer[..length].split(|byte| *byte == b'&').any(|part| part == b"token=letmein");
        length = 0;
        if !is_let_in || socket.write_all(ANSWER).is_err() {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_callback_answers_on_one_connection() {
        let server = callback_server().expect("binds");
        let cost = requests(server, "/decide", 202, process::id(), 3);
        assert!(cost.expect("answers").time > 0.0);
        let mut times = [3, 1, 2].map(Duration::from_micros);
        assert_eq!(median(&mut times), Duration::from_micros(2));
    }
}
