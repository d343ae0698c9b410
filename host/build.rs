//! Lists the SDKs of all languages and the contract, so that the binary carries what `roomcast new` and `roomcast wit` write.

#[path = "build/carried.rs"]
mod carried;

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

use carried::{MANIFEST, PACKAGED};

fn main() -> io::Result<()> {
    let here = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").expect("set by cargo"));
    // In the repository they are beside this package; in a published one, copies are within it.
    let repository = here.join("../guest-sdk");
    let (sdks, workspace) = if repository.is_dir() {
        (repository, here.join("../Cargo.toml"))
    } else {
        (here.join(PACKAGED).join("sdks"), here.join(PACKAGED).join("workspace.toml"))
    };
    if !sdks.is_dir() {
        let sdks = sdks.display();
        return Err(io::Error::other(format!("{sdks} is missing: this package was not made by `cargo xtask package`")));
    }
    let mut list = String::from("pub(super) static FILES: &[(&str, &[u8])] = &[\n");
    add(&mut list, "", &sdks)?;
    add(&mut list, "contract/", &here.join("wit"))?;
    println!("cargo:rerun-if-changed={}", workspace.display());
    writeln!(list, "];\npub(super) const WORKSPACE: &str = include_str!({workspace:?});")
        .expect("a string takes everything");
    fs::write(PathBuf::from(env::var_os("OUT_DIR").expect("set by cargo")).join("carried.rs"), list)
}

/// Add a line for each file below a folder.
fn add(list: &mut String, prefix: &str, folder: &Path) -> io::Result<()> {
    for file in carried::files(folder)? {
        let path = folder.join(&file);
        let name = file.replace(MANIFEST, "Cargo.toml");
        println!("cargo:rerun-if-changed={}", path.display());
        writeln!(list, "    (\"{prefix}{name}\", include_bytes!({path:?})),").expect("a string takes everything");
    }
    Ok(())
}
