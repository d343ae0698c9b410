//! Where the API listens, and what callers have to know.

use std::net::SocketAddr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::listen::{Address, InvalidAddress};

/// The `[api]` table.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Where the API listens: an address, or `"off"`.
    pub listen: Listen,
    /// What callers have to send as `Authorization: Bearer ...`. Required when the address is not a loopback one.
    #[serde(skip_serializing)]
    pub token: String,
}

/// An address, or nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Listen {
    /// No listener.
    Off,
    /// This address.
    At(Address),
}

impl Default for Config {
    fn default() -> Self {
        Self { listen: Listen::At(SocketAddr::from(([127, 0, 0, 1], 9090)).into()), token: String::new() }
    }
}

impl Serialize for Listen {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Off => to.serialize_str("off"),
            Self::At(address) => to.collect_str(address),
        }
    }
}

impl<'de> Deserialize<'de> for Listen {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        if text == "off" {
            return Ok(Self::Off);
        }
        let why = |why: InvalidAddress| serde::de::Error::custom(format!("{why}, or \"off\""));
        text.parse().map(Self::At).map_err(why)
    }
}
