//! `roomcast dev`: a project is built at every change, beside a server that swaps each component in.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use tokio::sync::Notify;

use super::serve::{ServeArgs, ServerArgs, serve};
use crate::config::{self, Config};
use crate::project::{self, Folder};

/// A project to work on, and how it is served.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The project's folder.
    #[arg(default_value = ".")]
    dir: PathBuf,
    /// What the server is told.
    #[command(flatten)]
    server: ServerArgs,
}

pub(super) fn run(args: &Args) -> Result<()> {
    let project = Folder::open(&args.dir)?;
    let config = Some(project.config()).filter(|file| file.is_file());
    let plugins = if config.is_some() { Vec::new() } else { vec![project.component()?] };
    let serving = ServeArgs::of_project(plugins, config, args.server.clone());
    let again = Arc::new(Notify::new());
    let changed = again.clone();
    let developing = project::develop(project, move || changed.notify_one());
    developing.context("starting a thread")?;
    serve(&serving, resolve, again)
}

/// No version is rolled back: its author tries out the mistakes of the one that was just built.
fn resolve(args: &ServeArgs) -> Result<Config, config::Error> {
    let mut config = args.resolve()?;
    for plugin in config.plugins.iter_mut().flatten() {
        plugin.rollback.window = Duration::ZERO;
    }
    Ok(config)
}
