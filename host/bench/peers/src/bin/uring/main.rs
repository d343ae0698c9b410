//! A bare loop over io_uring: what a backend of the server that uses it could save.
//!
//! It does what the bench's bare `send()` loop does, with files that are registered and many sends in one system call:
//! it accepts a known number of clients, answers each with a fixed head, and sends to every one what comes in on its
//! standard input.

mod ring;

use std::io::{self, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;

use clap::Parser;
use roomcast_bench_peers::{Input, announce};

use ring::Ring;

const HEAD: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream; charset=utf-8\r\n\
    Cache-Control: no-cache, no-store, no-transform\r\nTransfer-Encoding: chunked\r\n\r\nd\r\n: connected\n\n\r\n";

/// The bench's orders.
#[derive(Parser, Debug)]
struct Orders {
    /// Where to write the address.
    #[arg(long)]
    ports_file: PathBuf,
    /// How many clients to wait for before events are read.
    #[arg(long)]
    clients: usize,
    /// The length of every frame, in bytes.
    #[arg(long)]
    frame: usize,
}

fn main() -> io::Result<()> {
    let orders = Orders::parse();
    let clients = accept(&orders)?;
    let mut ring = Ring::new(&clients, orders.frame)?;
    let (mut input, mut frame) = (io::stdin().lock(), vec![0; orders.frame]);
    loop {
        match input.read_exact(&mut frame) {
            Ok(()) => ring.send(&frame)?,
            Err(cause) if cause.kind() == io::ErrorKind::UnexpectedEof => return Ok(()),
            Err(cause) => return Err(cause),
        }
    }
}

fn accept(orders: &Orders) -> io::Result<Vec<TcpStream>> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    announce(&orders.ports_file, listener.local_addr()?, Input::Standard)?;
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
