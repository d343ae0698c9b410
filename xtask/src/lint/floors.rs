//! Imports point downward, and never in a circle.
//!
//! Two rules. In each folder of the sources below, the modules that lie in it do not import each other in a circle. And
//! where ARCHITECTURE.md lists the floors of a folder, a module imports only from floors below its own. A module and
//! those inside it are one: what `hub.rs` declares, all files of `hub/` may use.
//!
//! The check reads `use` lines and paths as text; a name that a module re-exports counts as an import of the module
//! that defines it. Code for tests is left out.

mod graph;
mod python;
mod rust;
mod table;
mod tokens;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::failure::{Failure, Result};
use crate::files;
use crate::workspace::Workspace;
use graph::Graph;
use table::Floors;

/// A module: its names from the root of the crate or package, none for the root itself.
type ModulePath = Vec<String>;

/// That one module imports from another.
struct Import {
    from: ModulePath,
    to: ModulePath,
    file: PathBuf,
    line: usize,
}

/// Reads the imports of all sources below a folder.
type Reader = fn(&Path) -> Result<Vec<Import>>;

/// Where sources lie, and who reads their imports.
const ROOTS: [(&str, Reader); 5] = [
    ("host/src", rust::imports),
    ("guest-sdk/rust/src", rust::imports),
    ("guest-sdk/python/roomcast_sdk", python::imports),
    ("xtask/src", rust::imports),
    ("host/bench/src", rust::imports),
];

/// Where the floors are written down.
const TABLE: &str = "ARCHITECTURE.md";

/// Checks all sources.
pub(super) fn check(workspace: &Workspace) -> Result {
    let floors = Floors::read(&files::read_text(&workspace.root.join(TABLE))?)?;
    let mut faults = Vec::new();
    for (root, imports) in ROOTS {
        let folder = workspace.root.join(root);
        if folder.is_dir() {
            let mut imports = imports(&folder)?;
            for import in &mut imports {
                import.file = import.file.strip_prefix(&workspace.root).unwrap_or(&import.file).to_owned();
            }
            faults.extend(faults_of(root, &imports, &floors));
        }
    }
    if faults.is_empty() {
        return Ok(());
    }
    Err(Failure::new(format!("imports that point upward or in a circle:\n  {}", faults.join("\n  "))))
}

/// What is wrong in one root, folder by folder.
fn faults_of(root: &str, imports: &[Import], floors: &Floors) -> Vec<String> {
    let mut folders: BTreeMap<&[String], Graph<'_>> = BTreeMap::new();
    for import in imports {
        let common = import.from.iter().zip(&import.to).take_while(|(from, to)| from == to).count();
        if let (Some(from), Some(to)) = (import.from.get(common), import.to.get(common)) {
            folders.entry(&import.from[..common]).or_default().add(from, to, import);
        }
    }
    let mut faults = Vec::new();
    for (folder, graph) in &folders {
        let place = folder.iter().fold(root.to_owned(), |path, name| path + "/" + name);
        match floors.of(&place) {
            Some(floors) => faults.extend(graph.imports().filter_map(|(from, to, import)| {
                let why = floors.fault(from, to)?;
                Some(format!("{}:{}: {why}", import.file.display(), import.line))
            })),
            None => faults.extend(graph.circles().map(|circle| format!("a circle in {place}: {circle}"))),
        }
    }
    faults
}

#[cfg(test)]
mod tests {
    use super::*;

    fn import(from: &str, to: &str) -> Import {
        let path = |text: &str| text.split('/').filter(|name| !name.is_empty()).map(str::to_owned).collect();
        Import { from: path(from), to: path(to), file: format!("src/{from}.rs").into(), line: 7 }
    }

    #[test]
    fn circle_is_named_with_file_and_line() {
        let imports = [import("hub/a", "hub/b"), import("hub/b/inner", "hub/a"), import("hub/c", "hub/a")];
        let faults = faults_of("src", &imports, &Floors::default());
        assert_eq!(faults.len(), 1, "{faults:?}");
        assert!(faults[0].contains("src/hub") && faults[0].contains("src/hub/a.rs:7"), "{faults:?}");
    }

    #[test]
    fn module_may_use_what_the_module_around_it_declares() {
        let imports = [import("hub", "hub/a"), import("hub/a", "hub")];
        assert!(faults_of("src", &imports, &Floors::default()).is_empty());
    }

    #[test]
    fn imports_from_a_higher_or_the_same_floor_are_refused() {
        let floors = Floors::read("```floors\nsrc: http > plugin > event, units\n```\n").expect("a table");
        let of = |from, to| faults_of("src", &[import(from, to)], &floors);
        assert!(of("http/api", "event").is_empty());
        for (from, to) in [("plugin/x", "http"), ("event", "units"), ("new", "event"), ("event", "new")] {
            assert_eq!(of(from, to).len(), 1, "{from} from {to}");
        }
    }
}
