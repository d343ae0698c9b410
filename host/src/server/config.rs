//! Where to listen, and what a client may do before it has a stream.

use std::net::SocketAddr;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::address::Ipv6Prefix;
use crate::http::BodyBounds;
use crate::listen::Address;
use crate::origin::Origins;
use crate::units;

/// The `[server]` table: where to listen, and what a client may do before it has a stream.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// The address for clients.
    pub listen: Address,
    /// What browsers call this server, such as `https://example.org`, where a proxy in front has another Host header sent.
    pub origin: Origins,
    /// Sockets that are open without being an HTTP/1 event stream.
    #[serde(with = "units::count")]
    pub sockets: usize,
    /// The same for one client address.
    #[serde(with = "units::count")]
    pub sockets_per_address: usize,
    /// The bits of an IPv6 address that name one client in all bounds per address.
    pub ipv6_prefix: Ipv6Prefix,
    /// Open files that clients' sockets and streams are kept out of: for operators, plugins and everything else. Of a limit
    /// on open files that is less than twice as much, one half.
    #[serde(with = "units::count")]
    pub reserved_files: usize,
    /// How long a client may take to send the head of a request, or stay silent between two requests.
    #[serde(with = "units::period")]
    pub header_timeout: Duration,
    /// The head of a request, in bytes; at least 8 KiB.
    #[serde(serialize_with = "units::size::serialize", deserialize_with = "units::size::at_least::<8192, _>")]
    pub head_bytes: usize,
    /// The body of a request.
    #[serde(serialize_with = "units::size::serialize", deserialize_with = "units::size::at_least::<1, _>")]
    pub body_bytes: usize,
    /// How many requests with a body may be under way at once; what they hold is at most this many times `body_bytes`.
    #[serde(with = "units::count")]
    pub bodies: usize,
    /// The same for one client address.
    #[serde(with = "units::count")]
    pub bodies_per_address: usize,
    /// How long a request waits until fewer are under way, before it is refused.
    #[serde(with = "units::duration")]
    pub bodies_wait: Duration,
    /// How long a client may take to send a body, and over HTTP/2 to take the next piece of an answer.
    #[serde(with = "units::period")]
    pub body_timeout: Duration,
    /// Streams of one HTTP/2 connection.
    #[serde(with = "units::count")]
    pub http2_streams: u32,
    /// At shutdown, the server first goes on serving for this long and says that it is not ready, until load balancers know.
    #[serde(with = "units::duration")]
    pub drain_delay: Duration,
    /// Then all streams are ended within this time, one after the other.
    #[serde(with = "units::duration")]
    pub drain: Duration,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 8080)).into(),
            origin: Origins::default(),
            sockets: 10_000,
            sockets_per_address: 1_000,
            ipv6_prefix: Ipv6Prefix::default(),
            reserved_files: 128,
            header_timeout: Duration::from_secs(10),
            head_bytes: 16 << 10,
            body_bytes: 1 << 20,
            bodies: 256,
            bodies_per_address: 64,
            bodies_wait: Duration::from_secs(5),
            body_timeout: Duration::from_secs(30),
            http2_streams: 200,
            drain_delay: Duration::ZERO,
            drain: Duration::from_secs(5),
        }
    }
}

impl Config {
    /// The bounds on the bodies of clients.
    pub(crate) fn body_bounds(&self) -> BodyBounds {
        BodyBounds {
            all: self.bodies,
            per_client: self.bodies_per_address,
            max_wait: self.bodies_wait,
            prefix: self.ipv6_prefix,
        }
    }
}
