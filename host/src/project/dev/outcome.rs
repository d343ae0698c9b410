//! What has come of a change, in one line: about what serves, and not only about what was built.

use std::fmt;

use anyhow::Error;

use super::say::{BAD, DIM, GOOD};
use crate::plugin::{ReloadError, Reloaded};
use crate::project::build::Effort;
use crate::project::tool::ToolFailed;

/// What has come of a change.
#[derive(Debug)]
pub(super) enum Outcome {
    /// A new version serves, or is on trial.
    Taken { effort: Effort, reloaded: Reloaded },
    /// It is what serves already.
    Same { effort: Effort, serving: u64 },
    /// It is built, and does not take over.
    Refused { effort: Effort, why: ReloadError },
    /// It is not built.
    NotBuilt { why: Error, serving: u64 },
}

impl Outcome {
    /// Why there is no new version, for the page.
    pub(super) fn failure(&self) -> Option<String> {
        match self {
            Self::Taken { .. } | Self::Same { .. } => None,
            Self::Refused { why, .. } => Some(format!("error: {why}")),
            Self::NotBuilt { why, serving } if why.is::<ToolFailed>() => {
                Some(format!("error: {}; version {serving} keeps serving\nThe terminal shows why.", shortly(why)))
            }
            Self::NotBuilt { why, serving } => {
                Some(format!("error: {}; version {serving} keeps serving", shortly(why)))
            }
        }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Taken { effort, reloaded } => {
                let version = reloaded.generation;
                write!(f, "{GOOD}{effort}, version {version} {}{GOOD:#}", what_it_does(reloaded))?;
                let state = reloaded.state.as_deref().filter(|state| !state.is_empty());
                state.map_or(Ok(()), |state| write!(f, "{DIM}; {state}{DIM:#}"))
            }
            Self::Same { effort, serving } => {
                let what = if matches!(effort, Effort::Read(_)) { "source" } else { "component" };
                write!(f, "{GOOD}{effort}, version {serving} serves{GOOD:#}{DIM}; the {what} is the same{DIM:#}")
            }
            Self::Refused { effort, why } => {
                write!(f, "{BAD}error:{BAD:#} {effort}, and it does not serve: {why}")
            }
            Self::NotBuilt { why, serving } => {
                write!(f, "{BAD}error:{BAD:#} {}; version {serving} keeps serving", shortly(why))
            }
        }
    }
}

/// Why it was not built. What a tool has said is above already.
pub(super) fn shortly(why: &Error) -> String {
    why.downcast_ref::<ToolFailed>().map_or_else(|| format!("{why:#}"), |failed| failed.what.clone())
}

/// What a version does that was loaded.
fn what_it_does(reloaded: &Reloaded) -> &'static str {
    if reloaded.is_on_trial() { "is on trial" } else { "serves" }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use anyhow::anyhow;

    use super::*;

    fn plain(outcome: &Outcome) -> String {
        anstream::adapter::strip_str(&outcome.to_string()).to_string()
    }

    #[test]
    fn line_is_about_what_serves() {
        let took = Duration::from_millis(938);
        assert_eq!(
            plain(&Outcome::Same { effort: Effort::Built(took), serving: 3 }),
            "built in 0.9 s, version 3 serves; the component is the same"
        );
        assert_eq!(
            plain(&Outcome::Same { effort: Effort::Read(took), serving: 3 }),
            "read in 0.9 s, version 3 serves; the source is the same"
        );
        let refused = Outcome::Refused { effort: Effort::Built(took), why: ReloadError::Busy };
        assert_eq!(plain(&refused), "error: built in 0.9 s, and it does not serve: too many reloads wait: try again");
        let failed = Outcome::NotBuilt { why: ToolFailed { what: "cargo has failed".into() }.into(), serving: 2 };
        assert_eq!(plain(&failed), "error: cargo has failed; version 2 keeps serving", "its own words are above");
        let wrong = Outcome::NotBuilt { why: anyhow!("no world").context("x.wasm"), serving: 2 };
        assert_eq!(plain(&wrong), "error: x.wasm: no world; version 2 keeps serving");
        assert_eq!(wrong.failure().as_deref(), Some("error: x.wasm: no world; version 2 keeps serving"));
    }
}
