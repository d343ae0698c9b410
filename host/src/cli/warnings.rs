//! What an operator should know about a plugin that can be loaded, before it is served.

use crate::cli::parts::Parts;
use crate::plugin::{Limits, Report};
use crate::units;

/// Interfaces that need a capability: the beginning of their names, and the capability.
const GRANTED: [(&str, &str); 3] =
    [("wasi:http/outgoing-handler", "http"), ("roomcast:plugin/fetch@", "http"), ("wasi:keyvalue/", "keyvalue")];

/// The warnings, each a sentence.
pub(super) fn warnings(report: &Report, parts: &Parts) -> Vec<String> {
    let mut warnings: Vec<_> = report.never_called.iter().map(|export| format!("never called: {export}")).collect();
    if !report.hooks.contains(&"state") {
        warnings.push("it has no hook `state`: after a reload it starts from nothing".into());
    }
    let limit = Limits::default().memory;
    let memory = usize::try_from(parts.memory).unwrap_or(usize::MAX);
    if memory > limit {
        warnings.push(format!(
            "it needs {} of memory at the start, more than `limits.memory` = {}, the default: set more",
            units::size::format(memory),
            units::size::format(limit)
        ));
    } else if memory > limit / 2 {
        warnings.push(format!(
            "it needs {} of memory at the start, more than half of `limits.memory` = {}, the default",
            units::size::format(memory),
            units::size::format(limit)
        ));
    }
    for (start, capability) in GRANTED {
        if let Some(import) = report.imports.iter().find(|import| import.starts_with(start)) {
            warnings.push(format!("it imports {import}, which needs [plugins.capabilities.{capability}]"));
        }
    }
    warnings
}

#[cfg(test)]
mod tests {
    use super::*;

    fn warned(hooks: Vec<&'static str>, imports: &[&str], memory: u64) -> Vec<String> {
        let imports = imports.iter().map(|import| (*import).to_owned()).collect();
        let report = Report { hash: String::new(), size: 0, hooks, imports, never_called: Vec::new() };
        warnings(&report, &Parts { memory, ..Parts::default() })
    }

    #[test]
    fn small_plugin_with_state_has_no_warnings() {
        let harmless = ["roomcast:plugin/hub@0.1.0", "wasi:http/types@0.2.0", "wasi:cli/stdout@0.2.6"];
        assert_eq!(warned(vec!["message", "state"], &harmless, 32 << 20), Vec::<String>::new());
    }

    #[test]
    fn plugin_without_state_is_warned_about() {
        assert!(warned(vec!["message"], &[], 0)[0].contains("hook `state`"));
    }

    #[test]
    fn large_memory_is_warned_about_with_the_limit() {
        let one = |memory| warned(vec!["state"], &[], memory).pop().expect("a warning");
        assert_eq!(
            one(33 << 20),
            "it needs 33MiB of memory at the start, more than half of `limits.memory` = 64MiB, the default"
        );
        assert!(one(65 << 20).ends_with("set more"), "{}", one(65 << 20));
    }

    #[test]
    fn import_that_needs_a_capability_is_named_once_with_its_table() {
        let imports = [
            "wasi:http/outgoing-handler@0.2.6",
            "roomcast:plugin/fetch@0.1.0",
            "wasi:keyvalue/store@0.2.0-draft2",
            "wasi:keyvalue/batch@0.2.0-draft2",
        ];
        let warnings = warned(vec!["state"], &imports, 0);
        assert_eq!(warnings.len(), 3, "{warnings:?}");
        assert_eq!(warnings[0], "it imports wasi:http/outgoing-handler@0.2.6, which needs [plugins.capabilities.http]");
        assert!(warnings[2].ends_with("[plugins.capabilities.keyvalue]"), "{warnings:?}");
    }
}
