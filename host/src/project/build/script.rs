//! Any other language: a script of the project's own, `build.sh`, makes the component.

use std::path::PathBuf;

use anyhow::{Result, anyhow};

use super::Job;
use crate::project::folder::{SCRIPT, shown};
use crate::project::tool::Tool;

/// Run the script. It puts the component where `roomcast.toml` says, and finds the program that runs it as `ROOMCAST`.
pub(super) fn build(job: &Job<'_>) -> Result<PathBuf> {
    let place = job.project.component()?;
    let program = std::env::current_exe().unwrap_or_else(|_| "roomcast".into());
    job.say(format_args!("building by {SCRIPT}"));
    Tool::new(job.folder().join(SCRIPT)).run(job.folder()).env("ROOMCAST", program).done()?;
    if place.is_file() {
        Ok(place)
    } else {
        Err(anyhow!("{SCRIPT} has not made {}, which roomcast.toml names", shown(&place)))
    }
}
