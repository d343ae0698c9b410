//! `roomcast dev`: a project is built at every change, beside a server that swaps each component in.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Error, Result};
use tokio::sync::Notify;

use super::serve::{ServeArgs, ServerArgs, serve};
use crate::app::{self, App, ConfigSource};
use crate::config::Config;
use crate::http::Development;
use crate::logging;
use crate::plugin::{OnFileChange, PluginConfig, RELOAD_OUTCOME_TARGET};
use crate::project::{ChosenBy, Folder, Ports, Running, Served, Session};

/// What only those who run a server want to know. Of a reload's outcome `dev` says a line of its own.
const QUIET: &str = "roomcast::app::open_files=warn,roomcast::plugin::chain::loading=warn";

/// A project to work on, and how it is served.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The project's folder.
    #[arg(default_value = ".")]
    dir: PathBuf,
    /// Open the page in the browser.
    #[arg(long)]
    open: bool,
    /// What the server is told.
    #[command(flatten)]
    server: ServerArgs,
}

pub(super) fn run(args: &Args) -> Result<()> {
    let project = Folder::open(&args.dir)?;
    // All that can be found out without a build comes before the first one, which may take minutes.
    let file = Some(project.config()).filter(|file| file.is_file());
    let plugins = if file.is_some() { Vec::new() } else { vec![project.component()?] };
    let serving = ServeArgs::of_project(plugins, file, args.server.clone());
    let config = serving.resolve()?;
    let component = project.component()?;
    app::check(&Config { plugins: Some(Vec::new()), ..config.clone() })?;
    let chosen_by = |key: &str| match key.split_once('.') {
        Some((section, key)) if serving.names(section, key) => ChosenBy::CommandLine,
        _ => ChosenBy::Configuration,
    };
    let (ports, held) = Ports::hold(&config, chosen_by)?;
    ports.say_moved();
    let served = Served::default();
    let resolve = {
        let served = served.clone();
        move || Ok(for_development(serving.resolve()?, &component, &served, &ports))
    };
    let levels = logging::start_for_development(&resolve()?.log).map_err(Error::msg)?;

    let session = Session::begin(project.clone(), served.clone())?;
    let config: Config = resolve()?;
    app::check(&config)?;
    let plugin = config.plugins.iter().flatten().find(|plugin| plugin.on_file_change == OnFileChange::Wait);
    let plugin = plugin.map(PluginConfig::name).context("roomcast.toml names no plugin of this project")?;
    let page = config.files.dir.clone();
    let (development, reload_requested) = (Development::new(), Arc::new(Notify::new()));
    let source = ConfigSource { resolve: Box::new(resolve), levels, reload_requested: reload_requested.clone() };
    drop(held);
    let start = App::develop(config, source, development.clone());
    serve(&args.server, start, |app| {
        let running = Running::new(app, development, (plugin, served), reload_requested);
        running.announce(&session.built());
        let threads = || {
            page.map_or(Ok(()), |page| running.follow_page(page))?;
            running.obey_keys(project)?;
            session.build_at_changes(running.clone())
        };
        threads().context("starting a thread")?;
        if args.open {
            running.open();
        }
        Ok(())
    })
}

/// A project's configuration for its author at work. The plugin with this component is the project's.
fn for_development(mut config: Config, component: &Path, served: &Served, ports: &Ports) -> Config {
    ports.set(&mut config);
    // Streams that end at moments of their own are for a crowd.
    config.server.drain = Duration::ZERO;
    config.log.level = format!("{QUIET},{RELOAD_OUTCOME_TARGET}=off,{}", config.log.level);
    for plugin in config.plugins.iter_mut().flatten() {
        // No version is rolled back: its author tries out the mistakes of the one that was just built.
        plugin.rollback.window = Duration::ZERO;
        if plugin.file().as_deref() == Some(component) {
            plugin.on_file_change = OnFileChange::Wait;
            served.put_into(plugin);
        }
    }
    config
}
