//! The compilation target for plugins.

use std::process::Command;

use super::Tool;
use crate::failure::{Failure, Result};
use crate::guests::{Compiler, GUEST_RUSTC, TARGET};
use crate::process;
use crate::report::{self, Status};
use crate::workspace::Workspace;

/// Has rustup add the target, if the compiler in use does not have it.
pub(super) fn ensure(workspace: &Workspace) -> Result<Tool> {
    let compiler = Compiler::of_guests(workspace)?;
    if !compiler.has_target() {
        add(workspace).map_err(|cause| explain(&compiler, &cause))?;
    }
    if !compiler.has_target() {
        let cause = Failure::new("rustup added it to another toolchain than the one in use");
        return Err(explain(&compiler, &cause));
    }
    Ok(Tool { version: format!("{TARGET} for {}", compiler.version), path: compiler.sysroot })
}

fn add(workspace: &Workspace) -> Result {
    if process::find(&["rustup"]).is_none() {
        return Err(Failure::new("there is no rustup on this machine"));
    }
    report::line(Status::Installing, format_args!("wasm: rustup target add {TARGET}"));
    // At the root, where rustup finds which toolchain it is for.
    process::output(Command::new("rustup").current_dir(&workspace.root).args(["target", "add", TARGET])).map(drop)
}

fn explain(compiler: &Compiler, cause: &Failure) -> Failure {
    Failure::new(format!(
        "plugins are compiled for {TARGET}, and {} ({}) has no standard library for it; {cause}. \
         Install Rust by rustup and run `rustup target add {TARGET}`, or name a compiler that has the target in \
         the variable {GUEST_RUSTC} (it is used for plugins only)",
        compiler.version,
        compiler.sysroot.display(),
    ))
}
