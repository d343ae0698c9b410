//! What the kernel holds for sockets.

use std::net::SocketAddr;
use std::process::Command;

use anyhow::Result;

use crate::process::output;

/// The memory of what waits to be sent on the server's side of connections from these ports, in bytes.
///
/// The other half of loopback, what waits to be read, is memory of the client's machine in a real network, and of this
/// tool's sockets here.
pub(crate) fn send_buffers(server: SocketAddr, clients: &[u16]) -> Result<u64> {
    let port = format!("sport = :{}", server.port());
    let text =
        output(Command::new("ss").args(["--tcp", "--memory", "--numeric", "--no-header", "--oneline"]).arg(port))?;
    Ok(text.lines().filter_map(|line| queued(line, clients)).sum())
}

/// Of one connection (`skmem` in ss(8)): `w` is memory of what is queued for writing, `f` what is reserved beside it.
fn queued(line: &str, clients: &[u16]) -> Option<u64> {
    let peer = line.split_whitespace().nth(4)?.rsplit(':').next()?.parse().ok()?;
    if !clients.contains(&peer) {
        return None;
    }
    let memory = line.split_once("skmem:(")?.1.split_once(')')?.0;
    let of = |name: &str| memory.split(',').find_map(|part| part.strip_prefix(name)?.parse::<u64>().ok());
    Some(of("w")? + of("f").unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINE: &str = "ESTAB 0 46080 127.0.0.1:8080 127.0.0.1:50812 \
        skmem:(r0,rb131072,t0,tb65536,f1792,w63744,o0,bl0,d0)";

    #[test]
    fn what_is_queued_for_a_client_counts() {
        assert_eq!(queued(LINE, &[1, 50812]), Some(63_744 + 1_792));
        assert_eq!(queued(LINE, &[8080]), None);
    }
}
