//! The imports of a Rust crate.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use super::tokens::{Token, tokens};
use super::{Import, ModulePath};
use crate::failure::{Failure, Result};
use crate::files;

/// One source file.
struct Module {
    file: PathBuf,
    /// The paths that it names, each with its line.
    paths: Vec<(Vec<String>, usize)>,
    /// Names that it imports, which the modules in it can import from it, and the paths that they stand for.
    names: BTreeMap<String, Vec<String>>,
}

type Modules = BTreeMap<ModulePath, Module>;

/// Reads the imports of all files below the folder of a crate's root.
pub(super) fn imports(folder: &Path) -> Result<Vec<Import>> {
    let mut modules = Modules::new();
    read_folder(folder, &[], &mut modules)?;
    let mut imports = Vec::new();
    for (from, module) in &modules {
        for (path, line) in &module.paths {
            if let Some(to) = resolve(&modules, from, path, 0)
                && to != *from
            {
                imports.push(Import { from: from.clone(), to, file: module.file.clone(), line: *line });
            }
        }
    }
    Ok(imports)
}

fn read_folder(folder: &Path, path: &[String], modules: &mut Modules) -> Result {
    let entries = fs::read_dir(folder).map_err(|cause| Failure::file("read", folder, &cause))?;
    for entry in entries {
        let file = entry.map_err(|cause| Failure::file("read", folder, &cause))?.path();
        let Some(name) = file.file_stem().and_then(|name| name.to_str()).map(str::to_owned) else { continue };
        if name == "tests" {
            continue;
        }
        let is_root = path.is_empty() && name == "lib";
        let own: ModulePath = path.iter().cloned().chain((!is_root).then_some(name)).collect();
        if file.is_dir() {
            read_folder(&file, &own, modules)?;
        } else if file.extension().is_some_and(|extension| extension == "rs") {
            let source = files::read_text(&file)?;
            modules.insert(own, Module::read(file, &source));
        }
    }
    Ok(())
}

impl Module {
    fn read(file: PathBuf, source: &str) -> Self {
        let tokens = tokens(source);
        let mut module = Self { file, paths: Vec::new(), names: BTreeMap::new() };
        let mut at = 0;
        let mut inner = Inner::default();
        while at < tokens.len() {
            inner.pass(&tokens, at);
            // `impl Trait + use<'a>` is a bound, not an import.
            if tokens[at].text == "use" && tokens.get(at + 1).is_none_or(|token| token.text != "<") {
                at += 1;
                let mut names = Vec::new();
                at = use_tree(&tokens, at, &mut Vec::new(), &mut names);
                for (path, name, line) in names {
                    // What a module in the same file imports is not a name of this one.
                    if !inner.is_inside() {
                        module.names.insert(name, path.clone());
                    }
                    module.paths.push((path, line));
                }
            } else {
                let (path, after) = plain_path(&tokens, at);
                if path.len() > 1 {
                    module.paths.push((path, tokens[at].line));
                }
                at = after;
            }
        }
        module
    }
}

/// Whether the reader is in a module that is written in the same file.
#[derive(Default)]
struct Inner {
    depth: usize,
    /// How deep the braces of the outermost one are.
    since: Option<usize>,
}

impl Inner {
    fn pass(&mut self, tokens: &[Token<'_>], at: usize) {
        match tokens[at].text {
            "{" => {
                let is_module = at >= 2 && tokens[at - 2].text == "mod";
                if is_module && self.since.is_none() {
                    self.since = Some(self.depth);
                }
                self.depth += 1;
            }
            "}" => {
                self.depth = self.depth.saturating_sub(1);
                if self.since == Some(self.depth) {
                    self.since = None;
                }
            }
            _ => {}
        }
    }

    fn is_inside(&self) -> bool {
        self.since.is_some()
    }
}

/// Reads one branch of a `use`; answers where it ends.
fn use_tree(
    tokens: &[Token<'_>],
    mut at: usize,
    prefix: &mut Vec<String>,
    names: &mut Vec<(Vec<String>, String, usize)>,
) -> usize {
    let depth = prefix.len();
    let mut renamed = None;
    let mut is_leaf = true;
    let line = tokens.get(at).map_or(0, |token| token.line);
    while let Some(token) = tokens.get(at) {
        match token.text {
            "::" => {}
            "{" => {
                is_leaf = false;
                at += 1;
                while tokens.get(at).is_some_and(|token| !["}", ";"].contains(&token.text)) {
                    at = use_tree(tokens, at, prefix, names);
                    at += usize::from(tokens.get(at).is_some_and(|token| token.text == ","));
                }
            }
            "as" => {
                at += 1;
                renamed = tokens.get(at).map(|token| token.text.to_owned());
            }
            "," | ";" | "}" => break,
            text => prefix.push(text.to_owned()),
        }
        at += 1;
    }
    if is_leaf {
        let mut path = prefix.clone();
        // `a::{self}` and `a::*` name the module.
        if path.len() > 1 && path.last().is_some_and(|last| last == "self" || last == "*") {
            path.pop();
        }
        let name = renamed.or_else(|| path.last().cloned()).unwrap_or_default();
        names.push((path, name, line));
    }
    prefix.truncate(depth);
    at
}

/// The path that begins here, and where it ends.
fn plain_path(tokens: &[Token<'_>], mut at: usize) -> (Vec<String>, usize) {
    let is_word = |token: &Token<'_>| token.text.starts_with(|c: char| c.is_alphabetic() || c == '_');
    if !is_word(&tokens[at]) {
        return (Vec::new(), at + 1);
    }
    let mut path = vec![tokens[at].text.to_owned()];
    at += 1;
    while tokens.get(at).is_some_and(|token| token.text == "::") && tokens.get(at + 1).is_some_and(is_word) {
        path.push(tokens[at + 1].text.to_owned());
        at += 2;
    }
    (path, at)
}

/// How often a name may be handed on.
const HOPS: usize = 8;

/// The module that defines what a path names; none for other crates and for what is local.
fn resolve(modules: &Modules, from: &ModulePath, path: &[String], hops: usize) -> Option<ModulePath> {
    let mut at = from.clone();
    let mut rest = path;
    match path.first()?.as_str() {
        "crate" => (at, rest) = (Vec::new(), &path[1..]),
        "self" => rest = &path[1..],
        "super" => {
            while rest.first().is_some_and(|name| name == "super") {
                at.pop()?;
                rest = &rest[1..];
            }
        }
        // A module that this one declares; anything else is another crate, or a name that was imported.
        first => {
            at.push(first.to_owned());
            let is_module = modules.contains_key(&at);
            at.pop();
            if !is_module {
                return None;
            }
        }
    }
    while let Some(name) = rest.first() {
        at.push(name.clone());
        if !modules.contains_key(&at) {
            at.pop();
            break;
        }
        rest = &rest[1..];
    }
    let module = modules.get(&at)?;
    match rest.first().and_then(|name| module.names.get(name)) {
        Some(target) if hops < HOPS => {
            let target: Vec<String> = target.iter().chain(&rest[1..]).cloned().collect();
            resolve(modules, &at, &target, hops + 1).or(Some(at))
        }
        _ => Some(at),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn modules(sources: &[(&str, &str)]) -> Modules {
        let path = |text: &str| text.split('/').filter(|name| !name.is_empty()).map(str::to_owned).collect();
        sources.iter().map(|(name, source)| (path(name), Module::read(format!("{name}.rs").into(), source))).collect()
    }

    fn resolved(modules: &Modules, from: &str) -> Vec<String> {
        let from: ModulePath = from.split('/').map(str::to_owned).collect();
        let found = modules[&from].paths.iter().filter_map(|(path, _)| resolve(modules, &from, path, 0));
        found.map(|path| path.join("/")).collect()
    }

    #[test]
    fn trees_of_names_are_taken_apart() {
        let module =
            Module::read("a.rs".into(), "use super::{b::{self, C as D}, e::*};\nuse f;\nfn g() { crate::h::i() }");
        let paths: Vec<_> = module.paths.iter().map(|(path, line)| (path.join("::"), *line)).collect();
        let expected = [("super::b", 1), ("super::b::C", 1), ("super::e", 1), ("f", 2), ("crate::h::i", 3)];
        assert_eq!(paths, expected.map(|(path, line)| (path.to_owned(), line)));
    }

    #[test]
    fn a_bound_that_captures_is_no_import() {
        let module = Module::read("a.rs".into(), "use b::c;\nfn d() -> impl E + use<'a, F> {\n g::h() }\nuse {i");
        let paths: Vec<_> = module.paths.iter().map(|(path, _)| path.join("::")).collect();
        assert_eq!(paths, ["b::c", "g::h", "i"]);
    }

    #[test]
    fn name_that_is_handed_on_counts_for_its_own_module() {
        let modules = modules(&[
            ("hub", "use queue::Queue;\nmod queue;\nmod inner { use super::Queue; }"),
            ("hub/queue", "struct Queue;"),
            ("hub/shard", "use super::Queue;\nuse std::fmt;\nuse crate::hub;"),
        ]);
        assert_eq!(resolved(&modules, "hub/shard"), ["hub/queue", "hub"]);
        assert_eq!(resolved(&modules, "hub"), ["hub/queue"]);
    }
}
