//! What the server says of itself: the metrics of its API.

use std::net::SocketAddr;

use anyhow::{Context as _, Result};

use crate::load::client::Client;

/// The metrics at one moment.
pub(crate) struct Counters(String);

impl Counters {
    /// Asks the API.
    pub(crate) fn of(api: Option<SocketAddr>) -> Result<Self> {
        let api = api.context("the server has no API")?;
        Client::connect(api)?.demand("GET", "/metrics", "").map(|reply| Self(reply.body))
    }

    /// The sum of all lines with this name whose labels contain a text.
    pub(crate) fn sum(&self, name: &str, label: &str) -> f64 {
        let lines = self.0.lines().filter_map(|line| line.strip_prefix(name));
        let values = lines.filter(|rest| rest.starts_with(['{', ' ']) && rest.contains(label));
        // Not `sum`, which is -0 where there is nothing.
        values.filter_map(|rest| rest.rsplit(' ').next()?.parse::<f64>().ok()).fold(0.0, |sum, value| sum + value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_chosen_by_name_and_label() {
        let text = "# HELP a b\na{reason=\"x\"} 3\na{reason=\"y\"} 4\na_b 5\nc 6\n";
        let counters = Counters(text.to_owned());
        assert_eq!(counters.sum("a", "\"x\""), 3.0);
        assert_eq!(counters.sum("a", ""), 7.0);
        assert_eq!(counters.sum("c", ""), 6.0);
        assert_eq!(counters.sum("d", ""), 0.0);
    }
}
