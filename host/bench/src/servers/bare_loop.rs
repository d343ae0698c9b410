//! The yardstick: a server that does nothing but `send()`, run as a process of its own.
//!
//! It accepts a known number of clients, answers each with a fixed head, and from then on sends to every one of them
//! what comes in on its standard input. No server that uses plain sockets can deliver for less.

use std::fs;
use std::io::{self, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

const HEAD: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream; charset=utf-8\r\n\
    Cache-Control: no-cache, no-store, no-transform\r\nTransfer-Encoding: chunked\r\n\r\nd\r\n: connected\n\n\r\n";
const KEEPALIVE: &[u8] = b"8\r\n: ping\n\n\r\n";
/// Frames that are taken from the input at once, at most.
const MOST_WAITING: usize = 64;

/// What is done with events that wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Mode {
    /// One `send()` for each event and client.
    Each,
    /// One `send()` for each client, with all events that wait.
    Join,
    /// One keepalive for each client of one part of them, at each byte: the frame's length is the number of parts.
    Turns,
}

/// A bare loop's orders.
#[derive(clap::Args, Debug)]
pub(crate) struct Orders {
    #[arg(long, value_enum)]
    pub(crate) mode: Mode,
    /// Where to write the address, in the form of the server's own ports file.
    #[arg(long)]
    pub(crate) ports_file: PathBuf,
    /// How many clients to wait for before events are read.
    #[arg(long)]
    pub(crate) clients: usize,
    /// The length of every frame, in bytes.
    #[arg(long)]
    pub(crate) frame: usize,
}

impl Orders {
    /// The command line that gives these orders.
    pub(crate) fn arguments(&self) -> Vec<String> {
        let mode = match self.mode {
            Mode::Each => "each",
            Mode::Join => "join",
            Mode::Turns => "turns",
        };
        let ports_file = self.ports_file.to_string_lossy().into_owned();
        let (clients, frame) = (self.clients.to_string(), self.frame.to_string());
        ["bare-loop", "--mode", mode, "--ports-file", &ports_file, "--clients", &clients, "--frame", &frame]
            .map(str::to_owned)
            .to_vec()
    }
}

/// Serves until the standard input ends.
pub(crate) fn serve(orders: &Orders) -> Result<()> {
    accept(orders).and_then(|clients| deliver(orders, &clients)).context("bare loop")
}

fn accept(orders: &Orders) -> io::Result<Vec<TcpStream>> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    announce(&orders.ports_file, &format!("{{\"listen\":\"{}\"}}", listener.local_addr()?))?;
    let mut request = [0; 4096];
    let mut clients = Vec::with_capacity(orders.clients);
    while clients.len() < orders.clients {
        let (mut client, _) = listener.accept()?;
        client.set_nodelay(true)?;
        let mut length = 0;
        while !request[..length].ends_with(b"\r\n\r\n") {
            match client.read(&mut request[length..])? {
                0 => return Err(io::Error::other("a client closed before its request was complete")),
                count => length += count,
            }
        }
        client.write_all(HEAD)?;
        client.set_nonblocking(true)?;
        clients.push(client);
    }
    Ok(clients)
}

/// Writes the file in one step, so that no reader sees half of it.
fn announce(path: &Path, text: &str) -> io::Result<()> {
    let draft = path.with_extension("draft");
    fs::write(&draft, text)?;
    fs::rename(draft, path)
}

fn deliver(orders: &Orders, clients: &[TcpStream]) -> io::Result<()> {
    let mut input = io::stdin().lock();
    if orders.mode == Mode::Turns {
        let mut parts = clients.chunks(clients.len().div_ceil(orders.frame)).cycle();
        while input.read(&mut [0])? > 0 {
            parts.next().map_or(Ok(()), |part| send(part, KEEPALIVE))?;
        }
        return Ok(());
    }
    let mut waiting = vec![0; orders.frame * MOST_WAITING];
    loop {
        let mut length = input.read(&mut waiting)?;
        if length == 0 {
            return Ok(());
        }
        let torn = length % orders.frame;
        if torn != 0 {
            let rest = orders.frame - torn;
            input.read_exact(&mut waiting[length..length + rest])?;
            length += rest;
        }
        match orders.mode {
            Mode::Each => waiting[..length].chunks(orders.frame).try_for_each(|frame| send(clients, frame))?,
            Mode::Join | Mode::Turns => send(clients, &waiting[..length])?,
        }
    }
}

fn send(clients: &[TcpStream], bytes: &[u8]) -> io::Result<()> {
    for mut client in clients {
        if client.write(bytes)? != bytes.len() {
            return Err(io::Error::other("a client's socket is full: the load tool is too slow for this machine"));
        }
    }
    Ok(())
}
