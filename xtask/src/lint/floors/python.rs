//! The imports of a Python package.

use std::fs;
use std::path::{Path, PathBuf};

use super::{Import, ModulePath};
use crate::failure::{Failure, Result};
use crate::files;

/// Reads the imports of all files below the folder of a package; those in functions and for type checkers count, too.
pub(super) fn imports(folder: &Path) -> Result<Vec<Import>> {
    let mut found = Vec::new();
    let mut sources = Vec::new();
    read_folder(folder, &[], &mut sources)?;
    let paths: Vec<&ModulePath> = sources.iter().map(|(path, ..)| path).collect();
    for (from, file, source) in &sources {
        let is_package = file.file_name().is_some_and(|name| name == "__init__.py");
        for (path, line) in relative_imports(source) {
            if let Some(to) = resolve(&paths, from, is_package, &path)
                && to != *from
            {
                found.push(Import { from: from.clone(), to, file: file.clone(), line });
            }
        }
    }
    Ok(found)
}

fn read_folder(folder: &Path, path: &[String], sources: &mut Vec<(ModulePath, PathBuf, String)>) -> Result {
    let entries = fs::read_dir(folder).map_err(|cause| Failure::file("read", folder, &cause))?;
    for entry in entries {
        let file = entry.map_err(|cause| Failure::file("read", folder, &cause))?.path();
        let Some(name) = file.file_stem().and_then(|name| name.to_str()).map(str::to_owned) else { continue };
        let own: ModulePath = path.iter().cloned().chain((name != "__init__").then_some(name)).collect();
        if file.is_dir() {
            read_folder(&file, &own, sources)?;
        } else if file.extension().is_some_and(|extension| extension == "py") {
            let source = files::read_text(&file)?;
            sources.push((own, file, source));
        }
    }
    Ok(())
}

/// Every name that is imported from within the package, as it is written: `..a.b` is `..`, `a`, `b`.
fn relative_imports(source: &str) -> Vec<(Vec<String>, usize)> {
    let mut found = Vec::new();
    let mut lines = source.lines().enumerate();
    while let Some((at, line)) = lines.next() {
        let Some((module, names)) =
            line.trim_start().strip_prefix("from .").and_then(|rest| rest.split_once(" import "))
        else {
            continue;
        };
        let mut names = names.to_owned();
        while names.contains('(') && !names.contains(')') {
            let Some((_, more)) = lines.next() else { break };
            names.push_str(more);
        }
        let dots = module.len() - module.trim_start_matches('.').len() + 1;
        let base = std::iter::once(".".repeat(dots));
        let base: Vec<String> = base
            .chain(module.trim_start_matches('.').split('.').filter(|name| !name.is_empty()).map(str::to_owned))
            .collect();
        for name in names.split(['(', ')', ',']).filter_map(|name| name.split_whitespace().next()) {
            found.push((base.iter().cloned().chain([name.to_owned()]).collect(), at + 1));
        }
    }
    found
}

/// The module that a name comes from.
fn resolve(paths: &[&ModulePath], from: &ModulePath, is_package: bool, path: &[String]) -> Option<ModulePath> {
    let (dots, names) = path.split_first()?;
    let up = dots.len() - usize::from(is_package);
    let mut at = from[..from.len().checked_sub(up)?].to_vec();
    for name in names {
        at.push(name.clone());
        if !paths.contains(&&at) {
            at.pop();
            break;
        }
    }
    paths.contains(&&at).then_some(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn imports_within_the_package_are_found() {
        let source = "from . import a\nfrom .b import C, D\n  from ..e.f import (\n    G,\n    H as I,\n)\nimport os\n";
        let found: Vec<_> = relative_imports(source).into_iter().map(|(path, line)| (path.join(" "), line)).collect();
        let expected = [(". a", 1), (". b C", 2), (". b D", 2), (".. e f G", 3), (".. e f H", 3)];
        assert_eq!(found, expected.map(|(path, line)| (path.to_owned(), line)));
    }

    #[test]
    fn names_belong_to_the_innermost_module_that_exists() {
        let path =
            |text: &str| -> ModulePath { text.split('/').filter(|name| !name.is_empty()).map(str::to_owned).collect() };
        let (root, hub, inner) = (path(""), path("hub"), path("inner/host"));
        let paths = [&root, &hub, &inner];
        let of = |from: &ModulePath, name: &[&str]| {
            resolve(&paths, from, false, &name.iter().map(|&part| part.to_owned()).collect::<Vec<_>>())
        };
        assert_eq!(of(&inner, &["..", "hub", "Hub"]), Some(hub.clone()));
        assert_eq!(of(&hub, &[".", "Version"]), Some(root.clone()));
    }
}
