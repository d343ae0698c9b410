//! `cargo xtask wit`: the copies of the contract that packages carry, and what is generated from them; and the licences.
//!
//! A package that is published on its own has to contain the WIT that its bindings are made from, so it carries a folder
//! `wit` with the same files as the contract's own.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::failure::{Failure, Result};
use crate::report::{self, Status};
use crate::workspace::Workspace;
use crate::{files, licences, process};

/// Makes the committed bindings of the Rust SDK; `--check` tells whether they are those of its copy of the contract.
const RUST_BINDINGS: &str = "guest-sdk/rust/bindings.sh";

/// Copy wit/ and the licences to the packages that carry a copy
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Change nothing; fail when a copy differs
    #[arg(long)]
    check: bool,
}

/// The WIT files below a folder, by their path from there.
type Contract = BTreeMap<PathBuf, Vec<u8>>;

/// Runs the subcommand.
pub(crate) fn run(workspace: &Workspace, args: &Args) -> Result {
    if args.check {
        return check(workspace);
    }
    write(workspace)?;
    licences::write(workspace)
}

/// Compares the copies, and the bindings made from them, with the contract.
pub(crate) fn check(workspace: &Workspace) -> Result {
    let contract = contract(&workspace.root.join("wit"))?;
    for copy in copies(workspace) {
        let copied = self::contract(&copy)?;
        if let Some(path) = difference(&contract, &copied) {
            let copy = workspace.show(&copy);
            return Err(Failure::new(format!(
                "{} differs from the contract in {copy}; run `cargo xtask wit`",
                path.display()
            )));
        }
        report::line(Status::Ok, format_args!("{} is the contract", workspace.show(&copy)));
    }
    licences::check(workspace)?;
    process::run(Command::new("sh").arg(workspace.root.join(RUST_BINDINGS)).arg("--check"))
}

fn write(workspace: &Workspace) -> Result {
    let contract = contract(&workspace.root.join("wit"))?;
    for copy in copies(workspace) {
        fs::remove_dir_all(&copy).map_err(|cause| Failure::file("remove", &copy, &cause))?;
        for (path, content) in &contract {
            files::write(&copy.join(path), content)?;
        }
        report::line(Status::Ok, format_args!("{} is the contract", workspace.show(&copy)));
    }
    Ok(())
}

/// The folders named `wit` in the packages of this workspace and below `guest-sdk/`. A link to the contract needs no care.
fn copies(workspace: &Workspace) -> Vec<PathBuf> {
    let kits = fs::read_dir(workspace.root.join("guest-sdk")).into_iter().flatten();
    let kits = kits.filter_map(|entry| Some(entry.ok()?.path()));
    let packages = workspace.packages.iter().map(|package| package.folder.clone());
    let mut copies: Vec<PathBuf> = kits.chain(packages).map(|folder| folder.join("wit")).collect();
    copies.retain(|folder| folder.is_dir() && !folder.is_symlink());
    copies.sort();
    copies.dedup();
    copies
}

fn contract(folder: &Path) -> Result<Contract> {
    let mut found = Contract::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(&next).map_err(|cause| Failure::file("list", &next, &cause))? {
            let path = entry.map_err(|cause| Failure::file("list", &next, &cause))?.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "wit") {
                let name = path.strip_prefix(folder).expect("invariant: it was found below the folder").to_owned();
                found.insert(name, files::read(&path)?);
            }
        }
    }
    Ok(found)
}

/// The first file that is in one of them only, or has another content.
fn difference<'a>(contract: &'a Contract, copy: &'a Contract) -> Option<&'a Path> {
    let differs = |path: &&PathBuf| contract.get(*path) != copy.get(*path);
    contract.keys().chain(copy.keys()).find(differs).map(PathBuf::as_path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn missing_changed_and_surplus_files_are_differences() {
        let of = |files: &[(&str, &str)]| -> Contract {
            files.iter().map(|(path, text)| (path.into(), text.as_bytes().to_vec())).collect()
        };
        let contract = of(&[("types.wit", "a"), ("deps/store.wit", "b")]);
        let differs = |files: &[(&str, &str)]| difference(&contract, &of(files)).map(Path::to_owned);
        assert_eq!(differs(&[("types.wit", "a"), ("deps/store.wit", "b")]), None);
        assert_eq!(differs(&[("types.wit", "a")]), Some("deps/store.wit".into()));
        assert_eq!(differs(&[("types.wit", "x"), ("deps/store.wit", "b")]), Some("types.wit".into()));
        assert_eq!(differs(&[("types.wit", "a"), ("deps/store.wit", "b"), ("old.wit", "")]), Some("old.wit".into()));
    }
}
