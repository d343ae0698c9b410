//! Lists the SDKs of all languages, so that the binary carries what `roomcast new` writes.

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

/// What lies in an SDK's folder, and is of no use in a project: what tools leave there, and its own tests.
const LEFT_OUT: [&str; 12] = [
    "node_modules",
    ".venv",
    "__pycache__",
    ".pytest_cache",
    ".mypy_cache",
    "build",
    "target",
    "check",
    "test",
    "tests",
    "bindings.sh",
    "package-lock.json",
];

fn main() -> io::Result<()> {
    let here = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").expect("set by cargo"));
    let sdks = here.join("../guest-sdk");
    let mut files = Vec::new();
    walk(&sdks, &mut files)?;
    files.sort();
    let workspace = here.join("../Cargo.toml");
    let mut list = String::from("pub(super) static FILES: &[(&str, &[u8])] = &[\n");
    for file in &files {
        let name =
            file.strip_prefix(&sdks).expect("found below it").to_str().expect("a name in UTF-8").replace('\\', "/");
        println!("cargo:rerun-if-changed={}", file.display());
        writeln!(list, "    ({name:?}, include_bytes!({:?})),", file).expect("a string takes everything");
    }
    println!("cargo:rerun-if-changed={}", workspace.display());
    writeln!(list, "];\npub(super) static WORKSPACE: &str = include_str!({workspace:?});")
        .expect("a string takes everything");
    fs::write(PathBuf::from(env::var_os("OUT_DIR").expect("set by cargo")).join("sdks.rs"), list)
}

fn walk(folder: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if LEFT_OUT.iter().any(|name| entry.file_name() == *name) {
            continue;
        }
        if entry.file_type()?.is_dir() { walk(&entry.path(), files)? } else { files.push(entry.path()) }
    }
    Ok(())
}
