//! The client behind a call: repeated failures of one client say little about a version.

use std::net::{IpAddr, Ipv4Addr};

use crate::address::{ClientNetwork, Ipv6Prefix};
use crate::event::ConnectionId;

/// A client, as far as the host can tell clients apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Caller {
    /// A client's address; of IPv6 the /48, which is the most that a provider gives to one customer.
    Network(ClientNetwork),
    /// A stream, where the address is that of a proxy, or is not known.
    Connection(ConnectionId),
}

impl Caller {
    /// The client that sent a request, which may name a stream.
    pub(super) fn of_request(peer: IpAddr, connection: Option<ConnectionId>) -> Self {
        let peer = peer.to_canonical();
        match connection {
            Some(id) if is_shared(peer) => Self::Connection(id),
            _ => Self::Network(Ipv6Prefix::SITE.network(peer)),
        }
    }
}

/// Whether many clients may have this address, behind a proxy on this machine or in this network.
fn is_shared(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => {
            address.is_loopback() || address.is_private() || address.is_link_local() || is_carrier(address)
        }
        IpAddr::V6(address) => address.is_loopback() || address.is_unique_local() || address.is_unicast_link_local(),
    }
}

/// 100.64.0.0/10, the inside of a carrier or of an overlay network.
fn is_carrier(address: Ipv4Addr) -> bool {
    let [first, second, ..] = address.octets();
    first == 100 && (64..128).contains(&second)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn caller(peer: &str, connection: Option<ConnectionId>) -> Caller {
        Caller::of_request(peer.parse().expect("an address"), connection)
    }

    #[test]
    fn a_client_is_its_address_however_many_streams_it_has() {
        let streams = [Some(ConnectionId::random()), Some(ConnectionId::random()), None];
        for [one, other] in [["203.0.113.7", "::ffff:203.0.113.7"], ["2001:db8:1:2::1", "2001:db8:1:ffff::9"]] {
            for stream in streams {
                assert_eq!(caller(one, stream), caller(other, None));
            }
        }
        assert_ne!(caller("203.0.113.7", None), caller("203.0.113.8", None));
        assert_ne!(caller("2001:db8:1:2::1", None), caller("2001:db8:2:2::1", None));
    }

    #[test]
    fn behind_a_proxy_a_client_is_its_stream() {
        let id = ConnectionId::random();
        for proxy in ["127.0.0.1", "::1", "10.1.2.3", "192.168.0.1", "100.64.0.1", "169.254.1.1", "fd00::1", "fe80::1"]
        {
            assert_eq!(caller(proxy, Some(id)), Caller::Connection(id), "{proxy}");
            assert_eq!(caller(proxy, None), caller(proxy, None), "{proxy}");
        }
    }
}
