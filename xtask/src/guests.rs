//! Plugins and the tests' guests: which there are, and building them.
//!
//! A component that is built here is the same, byte for byte, in every folder and for every user: see [`flags`].
//! That is what lets `cargo xtask embed --check` compare the committed one with the source.

mod compiler;
mod flags;

use std::path::PathBuf;
use std::process::Command;

pub(crate) use compiler::{Compiler, GUEST_RUSTC, TARGET};

use crate::failure::{Failure, Result};
use crate::report::{self, Status};
use crate::workspace::{Package, Workspace};
use crate::{files, process};

/// The cargo profile of guests.
const PROFILE: &str = "plugin";

/// The plugin that the server carries inside, and that the demo runs.
pub(crate) const DEFAULT_PLUGIN: &str = "lobby";

/// A package of this workspace that becomes a component.
pub(crate) struct Guest {
    /// The name of its folder.
    pub(crate) name: String,
    /// Where the finished component is put.
    pub(crate) component: PathBuf,
    /// The name of its package in cargo.
    pub(crate) package: String,
    library: String,
}

/// All guests: first those below `plugins/`, then those of the tests, below `tests/guests/`; each sorted by name.
pub(crate) fn all(workspace: &Workspace) -> Vec<Guest> {
    let places = [("plugins", workspace.components()), ("tests/guests", workspace.components().join("test"))];
    let mut guests = Vec::new();
    for (place, out) in places {
        let folder = workspace.root.join(place);
        let packages = workspace.packages.iter().filter(|package| package.folder.parent() == Some(&folder));
        let mut here: Vec<Guest> = packages.filter_map(|package| Guest::of(package, &out)).collect();
        here.sort_by(|a, b| a.name.cmp(&b.name));
        guests.append(&mut here);
    }
    guests
}

/// The plugin that the server carries inside.
pub(crate) fn default_plugin(workspace: &Workspace) -> Result<Guest> {
    let found = all(workspace).into_iter().find(|guest| guest.name == DEFAULT_PLUGIN);
    found.ok_or_else(|| Failure::new(format!("the workspace has no member plugins/{DEFAULT_PLUGIN}")))
}

/// The folder of the page that talks to the default plugin.
pub(crate) fn default_page(workspace: &Workspace) -> PathBuf {
    workspace.root.join("plugins").join(DEFAULT_PLUGIN).join("page")
}

/// Builds guests and puts each at its [`Guest::component`].
pub(crate) fn build(workspace: &Workspace, guests: &[Guest]) -> Result {
    let compiler = Compiler::of_guests(workspace)?;
    if !compiler.has_target() {
        return Err(Failure::new(format!(
            "{} has no standard library for {TARGET}; run `cargo xtask setup --only wasm`",
            compiler.version
        )));
    }
    // So that the folders of the sources are there when `flags` looks for them.
    process::run(workspace.cargo().args(["fetch", "--quiet", "--target", TARGET]))?;
    let flags = flags::reproducible(workspace, &compiler)?;
    for guest in guests {
        guest.build(workspace, &compiler, &flags)?;
    }
    Ok(())
}

impl Guest {
    fn of(package: &Package, out: &std::path::Path) -> Option<Self> {
        let name = package.folder.file_name()?.to_str()?.to_owned();
        let component = out.join(&name).with_extension("wasm");
        Some(Self { name, component, package: package.name.clone(), library: package.component.clone()? })
    }

    /// One cargo run for each guest, though one for all would be quicker: packages that are built together share
    /// the features of their dependencies, and a component's bytes would depend on its neighbours.
    fn build(&self, workspace: &Workspace, compiler: &Compiler, flags: &str) -> Result {
        report::line(Status::Running, format_args!("building {} with {}", self.name, compiler.version));
        // Not the host's target folder: another profile and other flags would only be in each other's way.
        let target = workspace.target.join("guests");
        let mut cargo = workspace.cargo();
        clean_environment(&mut cargo);
        cargo.env("RUSTC", &compiler.path).env("CARGO_ENCODED_RUSTFLAGS", flags);
        cargo.args(["build", "--quiet", "--package", &self.package, "--lib"]);
        cargo.args(["--target", TARGET, "--profile", PROFILE, "--target-dir"]).arg(&target);
        process::run(&mut cargo)?;
        let made = target.join(TARGET).join(PROFILE).join(self.library.replace('-', "_")).with_extension("wasm");
        files::copy(&made, &self.component)?;
        report::line(Status::Ok, workspace.show(&self.component));
        Ok(())
    }
}

/// Takes out of the environment what would change the bytes of a component.
fn clean_environment(command: &mut Command) {
    for variable in ["RUSTFLAGS", "RUSTC_BOOTSTRAP", "RUSTC_WRAPPER", "RUSTC_WORKSPACE_WRAPPER", "CARGO_INCREMENTAL"] {
        command.env_remove(variable);
    }
    for (variable, _) in std::env::vars_os() {
        if variable.to_string_lossy().starts_with("CARGO_PROFILE_") {
            command.env_remove(variable);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn package(folder: &str, component: Option<&str>) -> Package {
        Package {
            name: format!("package-{}", folder.replace('/', "-")),
            folder: format!("/r/{folder}").into(),
            component: component.map(str::to_owned),
        }
    }

    #[test]
    fn guests_are_the_components_below_the_two_folders() {
        let workspace = Workspace {
            root: "/r".into(),
            target: "/t".into(),
            packages: vec![
                package("tests/guests/probe", Some("probe")),
                package("plugins/ticker", Some("ticker-plugin")),
                package("plugins/guard", Some("guard")),
                package("plugins/shared", None),
                package("host", None),
                package("plugins/guard/inner", Some("inner")),
            ],
        };
        let found: Vec<_> = all(&workspace).into_iter().map(|guest| guest.component).collect();
        let expected = ["/t/plugins/guard.wasm", "/t/plugins/ticker.wasm", "/t/plugins/test/probe.wasm"];
        assert_eq!(found, expected.map(PathBuf::from));
    }
}
