//! How often one client may do something, so that it cannot use up what all clients share.
//!
//! A client that does nothing takes no memory here: only who has done something lately is known.

mod meters;

use std::net::IpAddr;
use std::sync::Mutex;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::time::Instant;

use crate::address::{ClientNetwork, Ipv6Prefix};
use crate::event::ConnectionId;
use crate::lock::lock;
use crate::metrics::HubMetrics;
use crate::units::{self, Rate};
use meters::Meters;

/// The `[rates]` table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Messages of one client: by the connection that it names, by its address if it names none. Empty: no rate.
    #[serde(with = "units::optional_rate")]
    pub messages: Option<Rate>,
    /// How many clients are told apart. Beyond it all newcomers share one rate.
    #[serde(with = "units::count")]
    pub addresses: usize,
}

impl Default for Config {
    fn default() -> Self {
        Self { messages: Some(Rate::per_second(10, 50)), addresses: 100_000 }
    }
}

/// What clients have done lately, and what they may do.
pub(crate) struct Rates {
    prefix: Ipv6Prefix,
    current: Mutex<Config>,
    messages: Mutex<Meters<MessageSource>>,
}

/// Whose messages are counted together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum MessageSource {
    Connection(ConnectionId),
    Network(ClientNetwork),
}

/// A client that is too fast.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct TooFast {
    /// What it may do.
    pub(crate) rate: Rate,
    /// When it may do it again.
    pub(crate) wait: Duration,
}

impl Rates {
    pub(crate) fn new(config: Config, prefix: Ipv6Prefix) -> Self {
        Self { prefix, current: Mutex::new(config), messages: Mutex::new(Meters::new(Instant::now())) }
    }

    /// No rates.
    pub(crate) fn none() -> Self {
        Self::new(Config { messages: None, ..Config::default() }, Ipv6Prefix::default())
    }

    /// From now on these count. What clients have done is not forgotten.
    pub(crate) fn set(&self, config: Config) {
        *lock(&self.current) = config;
    }

    /// A client sends a message: as this connection, if it names one, and from this address.
    ///
    /// # Errors
    /// When it has sent too many.
    pub(crate) fn message(&self, connection: Option<ConnectionId>, address: IpAddr) -> Result<(), TooFast> {
        let Config { messages, addresses } = *lock(&self.current);
        let Some(rate) = messages else { return Ok(()) };
        let sender =
            connection.map_or_else(|| MessageSource::Network(self.prefix.network(address)), MessageSource::Connection);
        lock(&self.messages).take(sender, rate, addresses, Instant::now()).map_err(|wait| {
            HubMetrics::limit_reached("rates.messages");
            TooFast { rate, wait }
        })
    }
}

impl TooFast {
    /// The wait in whole seconds, rounded up.
    pub(crate) fn seconds(&self) -> u64 {
        self.wait.as_secs() + u64::from(self.wait.subsec_nanos() > 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rates(rate: &str) -> Rates {
        let config = Config { messages: Some(rate.parse().expect("a rate")), ..Config::default() };
        Rates::new(config, Ipv6Prefix::default())
    }

    const HERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);

    #[tokio::test(start_paused = true)]
    async fn a_burst_and_then_the_rate() {
        let (rates, ada) = (rates("2/s, burst 3"), Some(ConnectionId::random()));
        assert!((0..3).all(|_| rates.message(ada, HERE).is_ok()));
        let refused = rates.message(ada, HERE).expect_err("the burst is used up");
        assert_eq!((refused.wait, refused.seconds()), (Duration::from_millis(500), 1));
        tokio::time::advance(Duration::from_millis(500)).await;
        assert!(rates.message(ada, HERE).is_ok() && rates.message(ada, HERE).is_err());
        tokio::time::advance(Duration::from_secs(3600)).await;
        assert_eq!((0..9).filter(|_| rates.message(ada, HERE).is_ok()).count(), 3, "a pause saves up a burst at most");
    }

    #[tokio::test(start_paused = true)]
    async fn each_connection_has_its_own_and_those_without_one_that_of_their_network() {
        let rates = rates("1/m, burst 1");
        for connection in [ConnectionId::random(), ConnectionId::random()] {
            assert!(rates.message(Some(connection), HERE).is_ok());
            assert!(rates.message(Some(connection), HERE).is_err());
        }
        let from = |address: &str| rates.message(None, address.parse().expect("an address")).is_ok();
        assert!(from("127.0.0.1") && !from("::ffff:127.0.0.1") && from("127.0.0.2"));
        assert!(from("2001:db8::1") && !from("2001:db8::ffff:1") && from("2001:db8:0:1::1"));
    }

    #[tokio::test(start_paused = true)]
    async fn another_rate_counts_at_once_and_forgets_nothing() {
        let (rates, ada) = (rates("1/m, burst 2"), Some(ConnectionId::random()));
        assert!(rates.message(ada, HERE).is_ok() && rates.message(ada, HERE).is_ok());
        rates.set(Config { messages: Some("1/m, burst 3".parse().expect("a rate")), ..Config::default() });
        assert!(rates.message(ada, HERE).is_ok() && rates.message(ada, HERE).is_err());
        rates.set(Config { messages: None, ..Config::default() });
        assert!((0..100).all(|_| rates.message(ada, HERE).is_ok()));
    }
}
