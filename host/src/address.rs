//! Which addresses count as one client. A leaf.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

/// How many leading bits of an IPv6 address name the network of one client. A provider gives each customer a whole
/// network, so a bound for a single IPv6 address would bound nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "u8", into = "u8")]
pub struct Ipv6Prefix(u8);

/// A number of bits that is no prefix.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{0} is not the length of an IPv6 prefix: 1 to 128 bits, such as 64")]
pub struct InvalidPrefix(u8);

/// One client, as bounds and rates count it: an IPv4 address, or an IPv6 network.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ClientNetwork(IpAddr);

impl Ipv6Prefix {
    /// The largest network that a provider gives to one customer.
    pub const SITE: Self = Self(48);

    /// The network that `address` belongs to. `::ffff:a.b.c.d` is the IPv4 address `a.b.c.d`.
    pub fn network(self, address: IpAddr) -> ClientNetwork {
        ClientNetwork(match address.to_canonical() {
            IpAddr::V6(address) => {
                let mask = u128::MAX << (u128::BITS - u32::from(self.0));
                IpAddr::V6((address.to_bits() & mask).into())
            }
            address => address,
        })
    }
}

impl Default for Ipv6Prefix {
    fn default() -> Self {
        Self(64)
    }
}

impl TryFrom<u8> for Ipv6Prefix {
    type Error = InvalidPrefix;

    fn try_from(bits: u8) -> Result<Self, InvalidPrefix> {
        if (1..=128).contains(&bits) { Ok(Self(bits)) } else { Err(InvalidPrefix(bits)) }
    }
}

impl From<Ipv6Prefix> for u8 {
    fn from(prefix: Ipv6Prefix) -> Self {
        prefix.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn network(bits: u8, address: &str) -> ClientNetwork {
        Ipv6Prefix::try_from(bits).expect("a prefix").network(address.parse().expect("an address"))
    }

    #[test]
    fn an_ipv6_client_is_its_network() {
        assert_eq!(network(64, "2001:db8:1:2::1"), network(64, "2001:db8:1:2:ffff::9"));
        assert_ne!(network(64, "2001:db8:1:2::1"), network(64, "2001:db8:1:3::1"));
        assert_eq!(network(48, "2001:db8:1:2::1"), network(48, "2001:db8:1:3::1"));
        assert_ne!(network(128, "2001:db8::1"), network(128, "2001:db8::2"));
        assert_eq!(network(1, "2001:db8::1"), network(1, "::1"));
    }

    #[test]
    fn an_ipv4_client_is_its_address_however_it_is_written() {
        assert_eq!(network(64, "::ffff:192.0.2.1"), network(64, "192.0.2.1"));
        assert_ne!(network(64, "::ffff:192.0.2.1"), network(64, "::ffff:192.0.2.2"));
    }

    #[test]
    fn a_prefix_has_1_to_128_bits() {
        assert_eq!(Ipv6Prefix::try_from(0), Err(InvalidPrefix(0)));
        assert_eq!(Ipv6Prefix::try_from(129), Err(InvalidPrefix(129)));
        assert_eq!(u8::from(Ipv6Prefix::default()), 64);
    }
}
