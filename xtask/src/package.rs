//! `cargo xtask package`: what is published, as its registry takes it.
//!
//! Two crates, a wheel, and a package for npm. Go has no packages: a tag `guest-sdk/go/v0.1.0` is one. For C and C++ there is
//! no registry: `roomcast new` and `roomcast sdk` write their SDK.

// What the host's build script lists is what its package has to contain.
#[path = "../../host/build/carried.rs"]
mod carried;

use std::fs;
use std::path::{Path, PathBuf};

use crate::failure::{Failure, Result};
use crate::languages::Toolchains;
use crate::report::{self, Status};
use crate::setup::{self, Part};
use crate::workspace::Workspace;
use crate::{files, process};

/// Make the packages that are published, in target/packages
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Do not have cargo build what it has packed, which compiles wasmtime once more
    #[arg(long)]
    no_verify: bool,
    /// Pack files that are not committed, too
    #[arg(long)]
    allow_dirty: bool,
    /// Leave the copies in host/carried, for `cargo publish`
    #[arg(long)]
    keep: bool,
}

impl Args {
    /// For tests of what is packed, which build plugins with it.
    pub(crate) const fn for_tests() -> Self {
        Self { no_verify: true, allow_dirty: true, keep: false }
    }
}

/// The crates, in the order of publication.
const CRATES: [&str; 2] = ["roomcast-sdk", "roomcast"];

/// Runs the subcommand.
pub(crate) fn run(workspace: &Workspace, args: &Args) -> Result {
    let out = workspace.packed();
    if out.exists() {
        fs::remove_dir_all(&out).map_err(|cause| Failure::file("remove", &out, &cause))?;
    }
    fs::create_dir_all(&out).map_err(|cause| Failure::file("create", &out, &cause))?;
    let ready = setup::ensure(workspace, &[Part::Node, Part::Languages])?;
    let toolchains = Toolchains::of(&ready)?.ok_or_else(|| Failure::new("Node.js or Python is not ready"))?;
    crates(workspace, args, &out)?;
    wheel(workspace, &toolchains, &out)?;
    npm(workspace, &toolchains, &out)?;
    for package in fs::read_dir(&out).map_err(|cause| Failure::file("list", &out, &cause))?.flatten() {
        report::line(Status::Ok, workspace.show(&package.path()));
    }
    Ok(())
}

fn crates(workspace: &Workspace, args: &Args, out: &Path) -> Result {
    let staged = Staged::new(workspace)?;
    let mut cargo = workspace.cargo();
    cargo.args(["package", "--quiet", "--locked"]);
    cargo.args(CRATES.iter().flat_map(|name| ["--package", name]));
    if args.no_verify {
        cargo.arg("--no-verify");
    } else {
        // Where the next time finds what this time has compiled; without what only debuggers need.
        cargo.args(["--config", "profile.dev.debug=0"]).env("CARGO_BUILD_BUILD_DIR", workspace.target.join("verify"));
    }
    if args.allow_dirty {
        cargo.arg("--allow-dirty");
    }
    process::run(&mut cargo)?;
    let made = workspace.target.join("package");
    for name in CRATES {
        let file = format!("{name}-{}.crate", env!("CARGO_PKG_VERSION"));
        files::copy(&made.join(&file), &out.join(&file))?;
    }
    if args.keep {
        // Its end would remove them.
        std::mem::forget(staged);
    }
    Ok(())
}

/// The copies that the host's package contains. They are there only while it is packed.
struct Staged(PathBuf);

impl Staged {
    fn new(workspace: &Workspace) -> Result<Self> {
        let staged = Self(workspace.root.join("host").join(carried::PACKAGED));
        let from = workspace.root.join("guest-sdk");
        for file in carried::files(&from).map_err(|cause| Failure::file("list", &from, &cause))? {
            let name = file.replace("Cargo.toml", carried::MANIFEST);
            files::copy(&from.join(&file), &staged.0.join("sdks").join(name))?;
        }
        files::copy(&workspace.root.join("Cargo.toml"), &staged.0.join("workspace.toml"))?;
        Ok(staged)
    }
}

impl Drop for Staged {
    fn drop(&mut self) {
        // In the repository they are not read, so leaving them behind does no harm.
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn wheel(workspace: &Workspace, toolchains: &Toolchains, out: &Path) -> Result {
    let mut pip = toolchains.command(toolchains.python())?;
    pip.args(["-m", "pip", "wheel", "--quiet", "--disable-pip-version-check", "--no-deps", "--wheel-dir"]);
    process::run(pip.arg(out).arg(workspace.root.join("guest-sdk/python")))
}

fn npm(workspace: &Workspace, toolchains: &Toolchains, out: &Path) -> Result {
    let mut npm = toolchains.command(toolchains.npm())?;
    npm.args(["pack", "--silent", "--pack-destination"]).arg(out);
    process::run(npm.arg(workspace.root.join("guest-sdk/javascript")))
}
