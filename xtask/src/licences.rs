//! The licences, which every package has to contain: copies, since packing tools follow no links.

use std::path::PathBuf;

use crate::failure::{Failure, Result};
use crate::files::{self, Copied};
use crate::report::{self, Status};
use crate::workspace::Workspace;

const TEXTS: [&str; 2] = ["LICENSE-APACHE", "LICENSE-MIT"];

/// The packages that are published.
const PACKAGES: [&str; 6] =
    ["host", "guest-sdk/c", "guest-sdk/go", "guest-sdk/javascript", "guest-sdk/python", "guest-sdk/rust"];

/// Compares the copies with the texts at the root.
pub(crate) fn check(workspace: &Workspace) -> Result {
    for (text, copy) in copies(workspace) {
        if files::read(&text)? != files::read(&copy)? {
            let (text, copy) = (workspace.show(&text), workspace.show(&copy));
            return Err(Failure::new(format!("{copy} is not a copy of {text}; run `cargo xtask wit`")));
        }
    }
    report::line(Status::Ok, "every package has the licences");
    Ok(())
}

/// Makes the copies.
pub(crate) fn write(workspace: &Workspace) -> Result {
    for (text, copy) in copies(workspace) {
        if files::copy(&text, &copy)? == Copied::Written {
            report::line(Status::Ok, format_args!("{} written: commit it", workspace.show(&copy)));
        }
    }
    Ok(())
}

/// Each text, with each of its copies.
fn copies(workspace: &Workspace) -> impl Iterator<Item = (PathBuf, PathBuf)> {
    TEXTS.iter().flat_map(move |text| {
        PACKAGES.iter().map(move |package| (workspace.root.join(text), workspace.root.join(package).join(text)))
    })
}
