//! The configuration of one plugin: the `[[plugins]]` entries of `roomcast.toml`.

pub(in crate::plugin) mod destination;

use std::collections::BTreeMap;
use std::fmt;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

pub use capabilities::{Capabilities, HttpCapability, KeyvalueCapability, Persistence, PrivateAddresses};
pub use limits::Limits;
pub(super) use limits::MAX_MAILBOX;
pub use policy::{OnFailure, OnFileChange, OnRestoreError, Recycle, Rollback};

mod capabilities;
mod limits;
mod policy;
mod settings;

use crate::units::{self, Share};

/// One entry of `[[plugins]]`. The order of the entries is the order of the chain.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PluginConfig {
    /// The plugin's name in logs, metrics and the API. Not set: the file's name without its ending.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What happens when its file changes; no key, since it follows from the verb.
    #[serde(skip)]
    pub on_file_change: OnFileChange,
    /// The component, a `.wasm` file.
    #[serde(rename = "path")]
    pub source: Source,
    /// How many instances there are. Connections are spread over them; what they share goes through `wasi:keyvalue`.
    #[serde(default = "one")]
    pub instances: NonZeroUsize,
    /// What happens to requests while it cannot be called.
    #[serde(default)]
    pub on_failure: OnFailure,
    /// What happens when a new version does not take over the state of the one before.
    #[serde(default)]
    pub on_restore_error: OnRestoreError,
    /// How often its state is saved, so that an instance after a trap can start from there. Not set: never.
    #[serde(default, with = "units::optional_period", skip_serializing_if = "Option::is_none")]
    pub checkpoint: Option<Duration>,
    /// The share of new connections that a new version gets until it is promoted. Not set: all, at once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub canary: Option<Share>,
    /// The share of its calls that may fail before a canary is abandoned.
    #[serde(default = "one_percent")]
    pub canary_errors: Share,
    /// When a canary that does well is promoted by itself. Not set: never.
    #[serde(default, with = "units::optional_period", skip_serializing_if = "Option::is_none")]
    pub canary_time: Option<Duration>,
    /// When a new version is rolled back.
    #[serde(default)]
    pub rollback: Rollback,
    /// When an instance is replaced although it has not failed.
    #[serde(default)]
    pub recycle: Recycle,
    /// The plugin's own settings, which it reads through `wasi:config/store`; as text, whatever they are in the file.
    #[serde(default, deserialize_with = "settings::deserialize")]
    pub config: BTreeMap<String, String>,
    /// What it may use.
    #[serde(default)]
    pub limits: Limits,
    /// What it may reach.
    #[serde(default, skip_serializing_if = "Capabilities::is_nothing")]
    pub capabilities: Capabilities,
}

impl PluginConfig {
    /// A component with nothing else said about it.
    pub fn new(source: Source) -> Self {
        Self {
            name: None,
            on_file_change: OnFileChange::default(),
            source,
            instances: one(),
            on_failure: OnFailure::default(),
            on_restore_error: OnRestoreError::default(),
            checkpoint: None,
            canary: None,
            canary_errors: one_percent(),
            canary_time: None,
            rollback: Rollback::default(),
            recycle: Recycle::default(),
            config: BTreeMap::new(),
            limits: Limits::default(),
            capabilities: Capabilities::default(),
        }
    }

    /// A plugin that the program carries inside.
    pub fn embedded(name: &str, component: &'static [u8]) -> Self {
        Self { name: Some(name.into()), ..Self::new(Source::Embedded(component)) }
    }

    /// Check the values: the key that is wrong, and why.
    pub(super) fn check(&self) -> Result<(), (&'static str, &'static str)> {
        self.limits.check()?;
        if self.instances.get() > MAX_INSTANCES {
            return Err(("instances", "is at most 64"));
        }
        if self.recycle.calls == Some(0) || self.recycle.memory == Some(0) {
            return Err(("recycle", "must be more than nothing; leave it out for never"));
        }
        if self.recycle.memory.is_some_and(|memory| memory >= self.limits.memory) {
            return Err(("recycle.memory", "must be less than `limits.memory`, or it would never be reached"));
        }
        Ok(())
    }

    /// The file that it comes from, if it is one.
    pub fn file(&self) -> Option<PathBuf> {
        match &self.source {
            Source::File(path) => Some(path.clone()),
            Source::Embedded(_) => None,
        }
    }

    /// The name that was chosen, or the one that follows from the file's.
    pub fn name(&self) -> String {
        match (&self.name, &self.source) {
            (Some(name), _) => name.clone(),
            (None, Source::File(path)) => path.file_stem().unwrap_or_default().to_string_lossy().into_owned(),
            (None, Source::Embedded(_)) => "embedded".into(),
        }
    }
}

/// The most instances of one plugin.
const MAX_INSTANCES: usize = 64;

fn one_percent() -> Share {
    Share::ONE_PERCENT
}

fn one() -> NonZeroUsize {
    NonZeroUsize::MIN
}

/// Where a component comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// A file.
    File(PathBuf),
    /// The program itself.
    Embedded(&'static [u8]),
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => path.display().fmt(f),
            Self::Embedded(_) => f.write_str("(embedded)"),
        }
    }
}

impl Serialize for Source {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Source {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        PathBuf::deserialize(from).map(Self::File)
    }
}

impl From<&Path> for PluginConfig {
    /// A file with nothing else said about it.
    fn from(path: &Path) -> Self {
        Self::new(Source::File(path.into()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_needs_only_a_path() {
        let plugin: PluginConfig = toml::from_str("path = 'plugins/my-guard.wasm'").expect("valid");
        assert_eq!(plugin.name(), "my-guard");
        assert_eq!(plugin.source.to_string(), "plugins/my-guard.wasm");
        assert_eq!(plugin.limits, Limits::default());
        assert!(toml::from_str::<PluginConfig>("name = 'x'").is_err(), "a path is needed");
    }

    #[test]
    fn a_full_entry_survives_a_round_trip() {
        let text =
            "name = 'g'\npath = 'x.wasm'\n[config]\ntoken = 'secret'\n[limits]\ndeadline = '50ms'\nmemory = '1MiB'";
        let plugin: PluginConfig = toml::from_str(text).expect("valid");
        assert_eq!(plugin.name(), "g");
        assert_eq!(plugin.config["token"], "secret");
        assert_eq!((plugin.limits.deadline, plugin.limits.memory), (Duration::from_millis(50), 1 << 20));
        let again: PluginConfig = toml::from_str(&toml::to_string(&plugin).expect("serialisable")).expect("valid");
        assert_eq!(again.limits, plugin.limits);
        assert_eq!(again.source.to_string(), "x.wasm");
    }

    #[test]
    fn values_out_of_range_are_refused() {
        for (text, key) in [
            ("instances = 65", "instances"),
            ("recycle.calls = 0", "recycle"),
            ("recycle.memory = '64MiB'", "recycle.memory"),
            ("limits.mailbox = 65537", "limits.mailbox"),
        ] {
            let plugin: PluginConfig = toml::from_str(&format!("path = 'x'\n{text}")).expect("of the right types");
            assert_eq!(plugin.check().map_err(|(key, _)| key), Err(key), "{text}");
        }
        let all = "path = 'x'\ninstances = 64\ncheckpoint = '10s'\ncanary = '10%'\ncanary_time = '1h'\n\
            on_failure = 'open'\non_restore_error = 'fresh'\nrollback.failures = 0\nrecycle.memory = '1MiB'";
        let plugin: PluginConfig = toml::from_str(all).expect("valid");
        assert_eq!(plugin.check(), Ok(()));
        let again: PluginConfig = toml::from_str(&toml::to_string(&plugin).expect("serialisable")).expect("valid");
        assert_eq!(again, plugin);
    }

    #[test]
    fn unknown_keys_are_refused() {
        for text in ["path = 'x'\npaht = 'y'", "path = 'x'\n[limits]\nmemroy = '1MiB'"] {
            let why = toml::from_str::<PluginConfig>(text).expect_err("refused").to_string();
            assert!(why.contains("unknown field"), "{why}");
        }
    }
}
