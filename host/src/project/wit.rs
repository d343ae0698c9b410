//! The contract, laid out as tools for WIT expect it: each package in a folder of its own below `deps`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::{fs, io};

use anyhow::{Context, Result, bail};

use super::carried::{self, Files};

/// The name of the contract's package.
const CONTRACT: &str = "roomcast:plugin";
/// The folder of the contract below `deps`; those of the packages that it names are as in the contract.
const FOLDER: &str = "roomcast-plugin";

/// The contract and the packages that it names, by their paths from the folder that has a world.
pub(super) fn files() -> Files {
    let place = |path: String| match path.strip_prefix("deps/") {
        Some(_) => path,
        None => format!("deps/{FOLDER}/{path}"),
    };
    carried::below("contract").map(|(path, content)| (place(path), content)).collect()
}

/// Write the contract into a folder for WIT, in place of the one that is there; what was done, as text. What is not of
/// the contract stays as it is.
///
/// # Errors
/// When something else is in the contract's place, or files cannot be written.
pub fn write(wit: &Path) -> Result<String> {
    let deps = wit.join("deps");
    let packages = packages();
    let there = Declared::of(&deps).with_context(|| deps.display().to_string())?;
    let mut kept = Vec::new();
    for (folder, package) in &packages {
        let place = deps.join(folder);
        if let Some((elsewhere, id)) = there.elsewhere(package, &place) {
            if package.name() == CONTRACT {
                bail!("{} has {id}, which belongs into {}: remove it", elsewhere.display(), place.display());
            }
            kept.push((folder, format!("\n{}: {id}, which is left as it is", elsewhere.display())));
        } else if let Some(foreign) = foreign(&place, package).with_context(|| place.display().to_string())? {
            bail!(
                "{} is not of {}, whose folder would be replaced: move it to another folder",
                foreign.display(),
                package.id
            );
        }
    }
    let is_kept = |folder: &str| kept.iter().any(|(kept, _)| *kept == folder);
    for (folder, package) in packages.iter().filter(|(folder, _)| !is_kept(folder)) {
        let place = deps.join(folder);
        replace(&place, &package.files).with_context(|| place.display().to_string())?;
    }
    let contract = &packages[FOLDER].id;
    let deps = deps.display();
    let mut said = format!("{deps}: {contract} of roomcast {}, and what it names", env!("CARGO_PKG_VERSION"));
    said.extend(kept.into_iter().map(|(_, kept)| kept));
    if !has_world(wit) {
        said.push_str(&format!("\n\nYour world goes beside it, for example:\n\n{}", example(contract)));
    }
    Ok(said)
}

/// A package of WIT.
struct Package {
    /// Its name, and its version if it has one.
    id: String,
    files: Files,
}

impl Package {
    fn name(&self) -> &str {
        name_of(&self.id)
    }
}

fn name_of(id: &str) -> &str {
    id.split('@').next().unwrap_or(id)
}

/// The packages, by the names of their folders below `deps`.
fn packages() -> BTreeMap<String, Package> {
    let mut packages = BTreeMap::new();
    for (path, content) in files() {
        let (folder, file) =
            path.strip_prefix("deps/").and_then(|path| path.split_once('/')).expect("a package has a folder");
        let id = || package_of(&content).expect("a file of WIT names its package");
        let package: &mut Package =
            packages.entry(folder.to_owned()).or_insert_with(|| Package { id: id(), files: Files::new() });
        package.files.insert(file.to_owned(), content);
    }
    packages
}

/// The packages that files below `deps` say they are of, by the folder or file directly below it.
struct Declared(Vec<(PathBuf, String)>);

impl Declared {
    fn of(deps: &Path) -> io::Result<Self> {
        let mut declared = Vec::new();
        for entry in list(deps)? {
            let files = if entry.is_dir() { list(&entry)? } else { vec![entry.clone()] };
            let texts = files.iter().filter(|file| is_wit(file)).map(fs::read);
            for text in texts {
                declared.extend(package_of(&text?).map(|id| (entry.clone(), id)));
            }
        }
        Ok(Self(declared))
    }

    /// Where else a package is than in its place: the contract in whatever version, others in the same one.
    fn elsewhere(&self, package: &Package, place: &Path) -> Option<&(PathBuf, String)> {
        let is_it = |id: &str| id == package.id || (package.name() == CONTRACT && name_of(id) == CONTRACT);
        self.0.iter().find(|(entry, id)| entry != place && is_it(id))
    }
}

/// Something in a package's folder that is not of this package, in whatever version.
fn foreign(place: &Path, package: &Package) -> io::Result<Option<PathBuf>> {
    for entry in list(place)? {
        let is_of_it = entry.is_file()
            && is_wit(&entry)
            && package_of(&fs::read(&entry)?).is_none_or(|id| name_of(&id) == package.name());
        if !is_of_it {
            return Ok(Some(entry));
        }
    }
    Ok(None)
}

fn replace(place: &Path, files: &Files) -> io::Result<()> {
    if place.exists() {
        fs::remove_dir_all(place)?;
    }
    carried::write(place, files)
}

/// What is in a folder, sorted; nothing if it is not there.
fn list(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let entries = match fs::read_dir(folder) {
        Err(why) if why.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries?,
    };
    let mut paths = entries.map(|entry| entry.map(|entry| entry.path())).collect::<io::Result<Vec<_>>>()?;
    paths.sort();
    Ok(paths)
}

fn is_wit(file: &Path) -> bool {
    file.extension().is_some_and(|end| end == "wit")
}

/// The package that a file of WIT is of. Not every file of a package has to say it.
fn package_of(content: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(content);
    let id =
        text.lines().find_map(|line| line.trim().strip_prefix("package ")?.split(';').next().map(str::to_owned))?;
    Some(id.trim().to_owned())
}

fn has_world(wit: &Path) -> bool {
    let files = list(wit).unwrap_or_default();
    let texts = files.iter().filter(|file| is_wit(file)).filter_map(|file| fs::read_to_string(file).ok());
    texts.into_iter().any(|text| text.lines().any(|line| line.trim_start().starts_with("world ")))
}

fn example(contract: &str) -> String {
    let version = contract.strip_prefix(CONTRACT).unwrap_or_default();
    format!(
        "  package local:plugin;\n\n  world plugin {{\n    include {CONTRACT}/imports{version};\n    \
         export {CONTRACT}/connect{version};\n    export {CONTRACT}/message{version};\n  }}"
    )
}

#[cfg(test)]
mod tests {
    use wit_parser::Resolve;

    use super::*;

    /// A folder for WIT with these files.
    fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().expect("a folder");
        let files: Files = files.iter().map(|(path, text)| ((*path).to_owned(), text.as_bytes().to_vec())).collect();
        carried::write(folder.path(), &files).expect("written");
        folder
    }

    #[test]
    fn the_example_of_a_world_is_one() {
        let wit = folder(&[]);
        let said = write(wit.path()).expect("written");
        let (_, world) = said.split_once("for example:\n\n").expect("there is no world yet");
        fs::write(wit.path().join("world.wit"), world).expect("written");
        let mut resolve = Resolve::default();
        let (package, _) = resolve.push_path(wit.path()).expect("WIT with all that it names");
        resolve.select_world(&[package], Some("plugin")).expect("the world");
        assert!(!write(wit.path()).expect("written").contains("for example"), "there is a world now");
    }

    #[test]
    fn an_older_contract_is_replaced_and_the_rest_stays() {
        let old = "package roomcast:plugin@0.0.9;\ninterface gone {}\n";
        let wit =
            folder(&[("deps/roomcast-plugin/gone.wit", old), ("deps/other/it.wit", "package my:own;"), ("a.wit", "x")]);
        write(wit.path()).expect("written");
        assert!(!wit.path().join("deps/roomcast-plugin/gone.wit").exists());
        assert!(wit.path().join("deps/roomcast-plugin/hooks.wit").exists());
        for (stays, text) in [("deps/other/it.wit", "package my:own;"), ("a.wit", "x")] {
            assert_eq!(fs::read_to_string(wit.path().join(stays)).expect("there"), text);
        }
    }

    #[test]
    fn what_is_not_of_the_contract_is_never_overwritten() {
        for (file, text) in [
            ("deps/roomcast-plugin/notes.txt", "mine"),
            ("deps/roomcast-plugin/mine.wit", "package my:own;"),
            ("deps/wasi-logging/deep/x.wit", "package wasi:logging@0.1.0-draft;"),
        ] {
            let wit = folder(&[(file, text)]);
            let why = write(wit.path()).expect_err(file).to_string();
            assert!(why.contains("move it to another folder"), "{why}");
            assert_eq!(fs::read_to_string(wit.path().join(file)).expect("there"), text);
            assert!(!wit.path().join("deps/wasi-config").exists(), "all or nothing");
        }
    }

    #[test]
    fn a_package_is_there_once() {
        let wit = folder(&[("deps/logging.wit", "/// Theirs.\npackage wasi:logging@0.1.0-draft;\n")]);
        let said = write(wit.path()).expect("written");
        assert!(said.contains("deps/logging.wit: wasi:logging@0.1.0-draft"), "{said}");
        assert!(!wit.path().join("deps/wasi-logging").exists());
        let wit = folder(&[("deps/roomcast/types.wit", "package roomcast:plugin@0.1.0;\n")]);
        let why = write(wit.path()).expect_err("twice").to_string();
        assert!(why.contains("deps/roomcast has roomcast:plugin@0.1.0"), "{why}");
    }
}
