//! The servers in `host/benches/peers`: a cargo package of its own.

use std::path::{Path, PathBuf};

use crate::bench::subject::Subject;
use crate::failure::{Failure, Outcome};
use crate::process;
use crate::workspace::Workspace;

/// The folder with its programs.
pub(super) struct Package(PathBuf);

impl Package {
    /// Whether a subject is one of its programs.
    pub(super) fn has(subject: Subject) -> bool {
        name(subject).is_some()
    }

    /// Builds it.
    pub(super) fn prepare(workspace: &Workspace, folder: &Path) -> Outcome<Self> {
        let target = folder.join("peers");
        eprintln!("peers: cargo build in host/benches/peers (a minute the first time)");
        let mut build = workspace.cargo();
        build.args(["build", "--quiet", "--release", "--locked", "--manifest-path", "host/benches/peers/Cargo.toml"]);
        process::output(build.arg("--target-dir").arg(&target))
            .map_err(|cause| Failure::new(format!("its package in host/benches/peers cannot be built: {cause}")))?;
        Ok(Self(target.join("release")))
    }

    /// The program of a subject that it has.
    pub(super) fn program(&self, subject: Subject) -> PathBuf {
        self.0.join(name(subject).expect("invariant: asked only for what it has"))
    }
}

/// The name of its program for a subject.
fn name(subject: Subject) -> Option<&'static str> {
    match subject {
        Subject::UringLoop => Some("uring"),
        Subject::Axum => Some("axum"),
        Subject::Hyper => Some("hyper"),
        _ => None,
    }
}
