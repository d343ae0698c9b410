//! What a plugin has, as JSON for other programs. Members may be added, and none changes its meaning.

use serde::Serialize;
use serde_json::Value;

use super::parts::Parts;
use super::warnings::warnings;
use crate::plugin::{CONTRACT, CONTRACT_VERSION, Report};

/// A component that can be loaded.
#[derive(Serialize)]
pub(super) struct Described<'a> {
    /// Its file.
    plugin: String,
    contract: String,
    /// In bytes.
    size: usize,
    sha256: &'a str,
    hooks: &'a [&'static str],
    imports: &'a [String],
    never_called: &'a [String],
    warnings: Vec<String>,
}

impl<'a> Described<'a> {
    pub(super) fn new(plugin: String, report: &'a Report, parts: &Parts) -> Self {
        let contract = format!("{CONTRACT}@{CONTRACT_VERSION}");
        let Report { hash, size, hooks, imports, never_called } = report;
        let warnings = warnings(report, parts);
        Self { plugin, contract, size: *size, sha256: hash, hooks, imports, never_called, warnings }
    }

    pub(super) fn into_json(self) -> Value {
        serde_json::to_value(self).expect("invariant: texts, numbers and lists are always JSON")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_that_is_known_is_there() {
        let report = Report {
            hash: "abc".into(),
            size: 7,
            hooks: vec!["message"],
            imports: vec!["wasi:http/types@0.2.0".into()],
            never_called: vec!["roomcast:plugin/x@0.1.0".into()],
        };
        let json = Described::new("a.wasm".into(), &report, &Parts::default()).into_json();
        assert_eq!(json["contract"], format!("roomcast:plugin@{CONTRACT_VERSION}"));
        assert_eq!((&json["sha256"], &json["size"], &json["hooks"][0]), (&"abc".into(), &7.into(), &"message".into()));
        assert_eq!(json["warnings"].as_array().map(Vec::len), Some(2), "{json}");
    }
}
