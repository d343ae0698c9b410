//! The crate is published by itself, so it carries a copy of the contract; in the repository the original is beside it.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// Every file below a folder, by its path in it.
fn files(root: &Path) -> BTreeMap<PathBuf, String> {
    let mut found = BTreeMap::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("a folder that can be read") {
            let path = entry.expect("an entry that can be read").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "wit") {
                let name = path.strip_prefix(root).expect("below the root").to_owned();
                found.insert(name, fs::read_to_string(&path).expect("a text file"));
            }
        }
    }
    found
}

#[test]
fn the_copy_is_the_contract() {
    let copy = Path::new(env!("CARGO_MANIFEST_DIR")).join("wit");
    let original = copy.join("../../../wit");
    assert!(copy.join("world.wit").exists());
    if original.join("world.wit").exists() {
        let (copy, original) = (files(&copy), files(&original));
        assert!(copy == original, "copy the repository's wit/ over guest-sdk/rust/wit/: they differ");
    }
}
