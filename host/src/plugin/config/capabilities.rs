//! What a plugin is granted beyond its own memory. By default: nothing.

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::plugin::runtime::imports::http::Destination;
use crate::units;

/// The `[plugins.capabilities]` table.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Capabilities {
    /// Names of environment variables that it may read. Each has to be set.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub env: Vec<String>,
    /// Folders that it may read: the path that it sees, and the folder.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub folders: BTreeMap<String, PathBuf>,
    /// Outgoing HTTP requests.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub http: Option<HttpCapability>,
    /// A store of its own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub keyvalue: Option<KeyvalueCapability>,
}

impl Capabilities {
    /// Whether nothing is granted.
    pub(super) fn is_nothing(&self) -> bool {
        *self == Self::default()
    }
}

/// The `[plugins.capabilities.http]` table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HttpCapability {
    /// Where requests may go, for example `api.example.org`, `*.example.org:8443` or `http://10.0.0.1:8000`.
    pub allow: Vec<Destination>,
    /// What becomes of a request whose host has an address that is not a public one.
    #[serde(default)]
    pub private: PrivateAddresses,
    /// How long a request may take, from the look-up of the name to the last byte of the answer. It never goes on
    /// beyond the call of the hook that made it.
    #[serde(default = "default_timeout", with = "units::period")]
    pub timeout: Duration,
    /// How many requests may be under way at once.
    #[serde(default = "default_in_flight")]
    pub in_flight: NonZeroUsize,
    /// The body of one request, or fetch.
    #[serde(default = "default_body", with = "units::size")]
    pub request_bytes: usize,
    /// The body of one answer.
    #[serde(default = "default_body", with = "units::size")]
    pub response_bytes: usize,
    /// How many fetches, whose answers come piece by piece, one instance may have under way at once.
    #[serde(default = "default_streams")]
    pub streams: NonZeroUsize,
    /// The bodies of all fetches that are being sent, of all instances together.
    #[serde(default = "default_total_request", with = "units::size")]
    pub total_request_bytes: usize,
    /// How long a fetch may take, from its start to the end of the answer.
    #[serde(default = "default_stream_timeout", with = "units::period")]
    pub stream_timeout: Duration,
    /// How long the other side of a fetch may take to do the next thing: let itself be reached, begin to answer, go on.
    #[serde(default = "default_stream_idle_timeout", with = "units::period")]
    pub stream_idle_timeout: Duration,
    /// The body of one fetch's answer.
    #[serde(default = "default_stream_bytes", with = "units::size")]
    pub stream_bytes: usize,
    /// A PEM file with certificates to trust beside those that the machine trusts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ca: Option<PathBuf>,
}

/// Addresses of the machine itself, of its network, and other special ones.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PrivateAddresses {
    /// Requests to them are refused, whatever the name that stands for them.
    #[default]
    Refuse,
    /// They are like all others.
    Allow,
}

/// The `[plugins.capabilities.keyvalue]` table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct KeyvalueCapability {
    /// How long the store lasts.
    pub persist: Persistence,
    /// What keys and values may take together, with 128 bytes for each pair. It is held in memory as a whole.
    #[serde(serialize_with = "units::size::serialize", deserialize_with = "units::size::at_least::<1024, _>")]
    pub quota: usize,
    /// The length of one key.
    #[serde(serialize_with = "units::size::serialize", deserialize_with = "units::size::at_least::<1, _>")]
    pub key_bytes: usize,
}

/// How long a store lasts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Persistence {
    /// As long as the server runs: it outlives instances and versions of the plugin.
    #[default]
    Memory,
    /// For good: it is a file in the folder `data.dir`, written every second and when the server stops.
    Disk,
}

impl Default for KeyvalueCapability {
    fn default() -> Self {
        Self { persist: Persistence::default(), quota: 10 << 20, key_bytes: 1 << 10 }
    }
}

fn default_timeout() -> Duration {
    Duration::from_secs(10)
}

fn default_in_flight() -> NonZeroUsize {
    NonZeroUsize::new(8).expect("not zero")
}

fn default_body() -> usize {
    1 << 20
}

fn default_streams() -> NonZeroUsize {
    NonZeroUsize::new(100).expect("not zero")
}

fn default_total_request() -> usize {
    16 << 20
}

fn default_stream_timeout() -> Duration {
    Duration::from_secs(5 * 60)
}

fn default_stream_idle_timeout() -> Duration {
    Duration::from_secs(60)
}

fn default_stream_bytes() -> usize {
    16 << 20
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_granted_by_default() {
        let nothing: Capabilities = toml::from_str("").expect("valid");
        assert!(nothing.is_nothing());
        assert_eq!((nothing.env.len(), nothing.folders.len(), nothing.http, nothing.keyvalue), (0, 0, None, None));
    }

    #[test]
    fn all_capabilities_survive_a_round_trip() {
        let text = "env = ['KEY']\nfolders = { '/data' = 'data' }\n\
                    [http]\nallow = ['example.org', '*.example.org:8443', 'http://[::1]:80']\nprivate = 'allow'\n\
                    timeout = '2s'\nin_flight = 3\nrequest_bytes = '1KiB'\nresponse_bytes = '2KiB'\nca = 'ca.pem'\n\
                    streams = 4\ntotal_request_bytes = '5KiB'\nstream_timeout = '3s'\nstream_idle_timeout = '1s'\nstream_bytes = '3KiB'\n\
                    [keyvalue]\npersist = 'disk'\nquota = '1MiB'\nkey_bytes = '64B'";
        let all: Capabilities = toml::from_str(text).expect("valid");
        assert_eq!(all.folders["/data"], PathBuf::from("data"));
        let http = all.http.as_ref().expect("granted");
        assert_eq!((http.private, http.in_flight.get(), http.response_bytes), (PrivateAddresses::Allow, 3, 2 << 10));
        assert_eq!((http.streams.get(), http.stream_bytes, http.total_request_bytes), (4, 3 << 10, 5 << 10));
        assert_eq!((http.stream_timeout.as_secs(), http.stream_idle_timeout.as_secs()), (3, 1));
        assert_eq!(all.keyvalue.as_ref().map(|store| store.persist), Some(Persistence::Disk));
        let again: Capabilities = toml::from_str(&toml::to_string(&all).expect("serialisable")).expect("valid");
        assert_eq!(again, all);
    }

    #[test]
    fn a_table_is_a_grant_with_defaults() {
        let some: Capabilities = toml::from_str("[keyvalue]\n[http]\nallow = ['example.org']").expect("valid");
        assert_eq!(some.keyvalue, Some(KeyvalueCapability::default()));
        let http = some.http.expect("granted");
        assert_eq!((http.private, http.timeout.as_secs()), (PrivateAddresses::Refuse, 10));
        assert_eq!((http.streams.get(), http.stream_bytes, http.total_request_bytes), (100, 16 << 20, 16 << 20));
        assert_eq!((http.stream_timeout.as_secs(), http.stream_idle_timeout.as_secs()), (300, 60));
        let why = toml::from_str::<Capabilities>("[http]").expect_err("it allows what?").to_string();
        assert!(why.contains("allow"), "{why}");
    }

    #[test]
    fn unknown_keys_are_refused() {
        for text in ["evn = ['X']", "[http]\nallow = []\ntimout = '1s'", "[keyvalue]\nquotta = '1MiB'"] {
            let why = toml::from_str::<Capabilities>(text).expect_err("refused").to_string();
            assert!(why.contains("unknown field"), "{why}");
        }
    }
}
