//! Exports that look like hooks and are none that this server calls.

use crate::plugin::contract::bindings::{PACKAGE, VERSION};
use crate::plugin::runtime::hooks::Hooks;

/// Of what a component exports, the interfaces of the contract's package that are never called, each with the reason.
pub(super) fn never_called<'a>(exports: &'a [String], hooks: &'a Hooks) -> impl Iterator<Item = String> + 'a {
    let of_package = |export: &&String| export.strip_prefix(PACKAGE).is_some_and(|rest| rest.starts_with('/'));
    exports.iter().filter(of_package).filter(|export| !hooks.knows(export)).map(|export| {
        let version = export.split_once('@').map_or("", |(_, version)| version);
        if numbers(version) > numbers(VERSION) {
            format!("{export}: the plugin is made for a newer contract than this server's {PACKAGE}@{VERSION}")
        } else {
            let hooks = Hooks::interfaces().join(", ");
            format!("{export}: {PACKAGE}@{VERSION} has no hook of this name; its hooks are {hooks}")
        }
    })
}

/// `0.1.12` as numbers, which compare as versions do.
fn numbers(version: &str) -> Vec<u64> {
    version.split('.').map(|number| number.parse().unwrap_or(0)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_compare_by_number() {
        assert!(numbers("0.1.10") > numbers("0.1.9"));
        assert!(numbers("1.0.0") > numbers("0.12.3"));
        assert_eq!(numbers("0.1.0"), numbers("0.1.0"));
    }
}
