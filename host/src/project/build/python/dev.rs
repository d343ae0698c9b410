//! What `roomcast dev` serves in place of the component: Python with the SDK, which reads the plugin's source when an
//! instance starts. A change of the source then needs neither componentize-py nor a compiler.

use std::fs;
use std::path::PathBuf;
use std::time::Instant;

use anyhow::{Context, Result};

use super::Tools;
use crate::project::build::effort::Effort;
use crate::project::build::{Job, check};
use crate::project::folder::shown;

/// A plugin as `roomcast dev` serves it.
#[derive(Debug, Clone)]
pub(in crate::project) struct Interpreted {
    /// Python with the SDK, and with the packages that the plugin imports.
    pub(in crate::project) component: PathBuf,
    /// The folder with the plugin's source, of this version alone.
    pub(in crate::project) source: PathBuf,
    /// What it has taken.
    pub(in crate::project) effort: Effort,
}

/// Check the plugin's source by the local Python, and have a component that runs it. There is one already, unless the plugin
/// has other hooks, capabilities or imports than those before. `before` is what is served so far.
pub(in crate::project::build) fn interpreted(job: &Job<'_>, before: Option<&Interpreted>) -> Result<Interpreted> {
    let began = Instant::now();
    let tools = Tools::of(job)?;
    let out = job.work.join("python/dev");
    let said = tools.examine(job, "roomcast_sdk._dev", &out).output()?;
    let said = String::from_utf8(said).context("a path that is not UTF-8")?;
    // What the plugin itself prints comes first.
    let mut paths = said.lines().rev().map(PathBuf::from);
    let (source, component) = paths.next().zip(paths.next()).context("the SDK names no component: `roomcast sdk`")?;
    let is_there = component.is_file();
    if !is_there {
        job.say("building a component that reads the source, by componentize-py, which takes a while");
        let made = out.join("new.wasm");
        tools.componentize(job, &out, &[], &made)?;
        fs::rename(&made, &component).with_context(|| shown(&component))?;
    }
    if before.is_none_or(|before| before.component != component) {
        check(job.project, job.engine, &component)?;
    }
    let took = began.elapsed();
    let effort = if is_there { Effort::Read(took) } else { Effort::Built(took) };
    Ok(Interpreted { component, source, effort })
}
