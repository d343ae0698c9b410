//! Where a listener waits for clients, as people write it.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::str::FromStr;
use std::{fmt, io};

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use thiserror::Error;

/// An address with a port; port 0 takes a free one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Address {
    /// `127.0.0.1:8080`, `[::1]:8080`.
    At(SocketAddr),
    /// `localhost:8080`: 127.0.0.1.
    Localhost(u16),
    /// `:8080`: all addresses of this machine, of both families if it has both.
    Everywhere(u16),
}

/// A text that names no place to listen on.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error(
    "\"{0}\" is not an address such as \"127.0.0.1:8080\", \"[::1]:8080\", \"localhost:8080\", or \":8080\" for all addresses \
     of this machine"
)]
pub struct InvalidAddress(String);

impl Address {
    /// The addresses to try, in their order: the first that the machine has is listened on.
    pub(crate) fn candidates(self) -> impl Iterator<Item = SocketAddr> {
        let (first, otherwise) = match self {
            Self::At(address) => (address, None),
            Self::Localhost(port) => (SocketAddr::from((Ipv4Addr::LOCALHOST, port)), None),
            // A socket of IPv6 takes clients of IPv4, too.
            Self::Everywhere(port) => {
                (SocketAddr::from((Ipv6Addr::UNSPECIFIED, port)), Some(SocketAddr::from((Ipv4Addr::UNSPECIFIED, port))))
            }
        };
        std::iter::once(first).chain(otherwise)
    }

    /// The port.
    pub fn port(self) -> u16 {
        match self {
            Self::At(address) => address.port(),
            Self::Localhost(port) | Self::Everywhere(port) => port,
        }
    }

    /// The same place at another port.
    #[must_use]
    pub fn with_port(self, port: u16) -> Self {
        match self {
            Self::At(address) => Self::At(SocketAddr::new(address.ip(), port)),
            Self::Localhost(_) => Self::Localhost(port),
            Self::Everywhere(_) => Self::Everywhere(port),
        }
    }

    /// What is said when the address of this key cannot be listened on.
    pub(crate) fn refused(self, key: &str, why: &io::Error) -> String {
        format!(
            "`{key}` = \"{self}\" cannot be listened on: {why} (is another server running? port 0 takes a free port)"
        )
    }

    /// Where a program on this machine finds it.
    pub fn local_target(self) -> SocketAddr {
        match self {
            Self::Localhost(port) | Self::Everywhere(port) => SocketAddr::from((Ipv4Addr::LOCALHOST, port)),
            Self::At(address) => match address.ip() {
                IpAddr::V4(ip) if ip.is_unspecified() => SocketAddr::from((Ipv4Addr::LOCALHOST, address.port())),
                IpAddr::V6(ip) if ip.is_unspecified() => SocketAddr::from((Ipv6Addr::LOCALHOST, address.port())),
                _ => address,
            },
        }
    }

    /// Whether only programs on this machine can reach it.
    pub fn is_local(self) -> bool {
        match self {
            Self::At(address) => address.ip().is_loopback(),
            Self::Localhost(_) => true,
            Self::Everywhere(_) => false,
        }
    }
}

impl From<SocketAddr> for Address {
    fn from(address: SocketAddr) -> Self {
        Self::At(address)
    }
}

impl FromStr for Address {
    type Err = InvalidAddress;

    fn from_str(text: &str) -> Result<Self, InvalidAddress> {
        let why = || InvalidAddress(text.into());
        if let Ok(address) = text.parse() {
            return Ok(Self::At(address));
        }
        let (host, port) = text.rsplit_once(':').ok_or_else(why)?;
        let port = port.parse().ok().filter(|_| port.bytes().all(|byte| byte.is_ascii_digit())).ok_or_else(why)?;
        match host {
            "" => Ok(Self::Everywhere(port)),
            name if name.eq_ignore_ascii_case("localhost") => Ok(Self::Localhost(port)),
            _ => Err(why()),
        }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::At(address) => address.fmt(f),
            Self::Localhost(port) => write!(f, "localhost:{port}"),
            Self::Everywhere(port) => write!(f, ":{port}"),
        }
    }
}

impl Serialize for Address {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Address {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        String::deserialize(from)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_form_is_read_and_written() {
        for (text, first, local) in [
            ("127.0.0.1:8080", "127.0.0.1:8080", true),
            ("[::1]:0", "[::1]:0", true),
            ("10.0.0.1:80", "10.0.0.1:80", false),
            ("0.0.0.0:80", "0.0.0.0:80", false),
            ("localhost:8080", "127.0.0.1:8080", true),
            (":9090", "[::]:9090", false),
        ] {
            let address: Address = text.parse().unwrap_or_else(|why| panic!("{why}"));
            assert_eq!(address.to_string(), text);
            assert_eq!(address.candidates().next().map(|at| at.to_string()).as_deref(), Some(first));
            assert_eq!(address.is_local(), local, "{text}");
            assert_eq!(address.with_port(7).with_port(address.port()), address);
        }
        let everywhere: Vec<_> = Address::Everywhere(1).candidates().map(|at| at.to_string()).collect();
        assert_eq!(everywhere, ["[::]:1", "0.0.0.0:1"], "the second for machines without IPv6");
        assert_eq!("LocalHost:1".parse(), Ok(Address::Localhost(1)));
    }

    #[test]
    fn programs_on_this_machine_find_it() {
        for (text, found) in [
            (":9090", "127.0.0.1:9090"),
            ("0.0.0.0:9090", "127.0.0.1:9090"),
            ("[::]:9090", "[::1]:9090"),
            ("localhost:9090", "127.0.0.1:9090"),
            ("10.0.0.1:9090", "10.0.0.1:9090"),
        ] {
            let address: Address = text.parse().unwrap_or_else(|why| panic!("{why}"));
            assert_eq!(address.local_target().to_string(), found);
        }
    }

    #[test]
    fn anything_else_is_refused_with_examples() {
        for bad in [
            "",
            ":",
            "8080",
            "127.0.0.1",
            "localhost",
            "localhost:",
            "localhost:+1",
            ":99999",
            "example.org:80",
            "::1:80",
            "*:80",
        ] {
            let why = bad.parse::<Address>().expect_err(bad).to_string();
            assert!(why.contains(":8080") && why.contains("localhost:8080"), "{why}");
        }
    }
}
