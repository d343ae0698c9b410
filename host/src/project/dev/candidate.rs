//! What comes of a change: a component, or, in Python, a source for one that reads it.

use std::fmt;

use anyhow::Result;

use super::served::Served;
use crate::project::build::{Built, Effort, Interpreted, build, interpreted};
use crate::project::folder::{Folder, shown};

/// What is to be the next version.
#[derive(Debug)]
pub(super) enum Candidate {
    /// A component in its place.
    Built(Built),
    /// A component that reads the source when it starts, and the source.
    Interpreted(Interpreted),
}

impl Candidate {
    /// Make it of what there is now. From then on it is what is `served` in place of the component, if it is.
    ///
    /// # Errors
    /// Why there is none.
    pub(super) fn of(project: &Folder, served: &Served) -> Result<Self> {
        match interpreted(project, served.now().as_ref())? {
            Some(interpreted) => {
                served.set(interpreted.clone());
                Ok(Self::Interpreted(interpreted))
            }
            None => build(project).map(Self::Built),
        }
    }

    /// What it has taken.
    pub(super) fn effort(&self) -> Effort {
        match self {
            Self::Built(built) => built.effort(),
            Self::Interpreted(interpreted) => interpreted.effort,
        }
    }

    /// What tells it from others.
    pub(super) fn identity(&self) -> String {
        match self {
            Self::Built(built) => built.hash().to_owned(),
            Self::Interpreted(Interpreted { component, source, .. }) => {
                format!("{} {}", component.display(), source.display())
            }
        }
    }

    /// Exports that the server never calls.
    pub(super) fn never_called(&self) -> impl Iterator<Item = &str> {
        let built = if let Self::Built(built) = self { Some(built) } else { None };
        built.into_iter().flat_map(Built::never_called)
    }
}

impl fmt::Display for Candidate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Built(built) => built.fmt(f),
            Self::Interpreted(Interpreted { component, .. }) => {
                write!(f, "{} reads the source when it starts", shown(component))
            }
        }
    }
}
