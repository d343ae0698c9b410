//! `cargo xtask embed`: what the server carries inside, made from its source.
//!
//! The default plugin and its page are committed as files below `host/assets`, so that the host builds and
//! installs without any WebAssembly toolchain.

use std::fs;
use std::path::PathBuf;

use crate::failure::{Failure, Result};
use crate::files::{self, Copied};
use crate::guests::{self, Compiler, DEFAULT_PLUGIN};
use crate::report::{self, Status};
use crate::workspace::Workspace;

/// Build the default plugin and copy it, with its page, to host/assets
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Change nothing; fail when the committed files are not what the source makes
    #[arg(long)]
    check: bool,
}

/// A committed file and what it is made from.
struct Asset {
    made: PathBuf,
    committed: PathBuf,
    dependence: Dependence,
}

/// What the bytes of an asset depend on beside this repository.
enum Dependence {
    /// On nothing.
    Nothing,
    /// On the compiler's version.
    Compiler,
}

/// Runs the subcommand.
pub(crate) fn run(workspace: &Workspace, args: &Args) -> Result {
    if args.check { check(workspace) } else { write(workspace) }
}

fn write(workspace: &Workspace) -> Result {
    let compiler = Compiler::of_guests(workspace)?;
    let pinned = workspace.pinned_rust()?;
    if compiler.release != pinned {
        return Err(Failure::new(format!(
            "the committed component has to come from the pinned compiler, rustc {pinned} (rust-toolchain.toml); \
             this is {}",
            compiler.version
        )));
    }
    for asset in assets(workspace)? {
        let done = match files::copy(&asset.made, &asset.committed)? {
            Copied::Written => "written: commit it",
            Copied::WasSame => "is what the source makes",
        };
        report::line(Status::Ok, format_args!("{} {done}", workspace.show(&asset.committed)));
    }
    Ok(())
}

/// Compares the committed files with what the source makes.
pub(crate) fn check(workspace: &Workspace) -> Result {
    let compiler = Compiler::of_guests(workspace)?;
    let pinned = workspace.pinned_rust()?;
    let mut stale = Vec::new();
    for asset in assets(workspace)? {
        let name = workspace.show(&asset.committed);
        if matches!(asset.dependence, Dependence::Compiler) && compiler.release != pinned {
            report::line(
                Status::Skipped,
                format_args!(
                    "{name}: only the pinned rustc {pinned} can tell whether it is current, and guests are built with {} here",
                    compiler.version
                ),
            );
            continue;
        }
        let made = files::read(&asset.made)?;
        match fs::read(&asset.committed) {
            Ok(committed) if committed == made => {
                report::line(Status::Ok, format_args!("{name} is what the source makes"));
            }
            Ok(committed) => stale.push(format!("{name} ({} bytes; the source makes {})", committed.len(), made.len())),
            Err(cause) => stale.push(format!("{name} ({cause})")),
        }
    }
    if stale.is_empty() {
        return Ok(());
    }
    Err(Failure::new(format!(
        "not what the source makes with {} ({pinned} is pinned in rust-toolchain.toml): {}. \
         Run `cargo xtask embed` and commit the result",
        compiler.version,
        stale.join(", ")
    )))
}

/// Builds what is to be embedded.
fn assets(workspace: &Workspace) -> Result<[Asset; 2]> {
    let plugin = guests::default_plugin(workspace)?;
    guests::build(workspace, std::slice::from_ref(&plugin))?;
    let committed = workspace.root.join("host/assets");
    let component = committed.join(DEFAULT_PLUGIN).with_extension("wasm");
    Ok([
        Asset { made: plugin.component, committed: component, dependence: Dependence::Compiler },
        Asset {
            made: guests::default_page(workspace).join("index.html"),
            committed: committed.join("page.html"),
            dependence: Dependence::Nothing,
        },
    ])
}
