//! The servers in `host/bench/peers`: a cargo package of its own.

use std::path::PathBuf;

use anyhow::Result;

use crate::servers::places::Places;
use crate::servers::subject::Subject;

/// The folder with its programs.
pub(super) struct Package(PathBuf);

impl Package {
    /// Whether a subject is one of its programs.
    pub(super) fn has(subject: Subject) -> bool {
        name(subject).is_some()
    }

    pub(super) fn find(places: &Places) -> Result<Self> {
        places.peers().map(|folder| Self(folder.to_owned()))
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
