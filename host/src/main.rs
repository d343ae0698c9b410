//! The `roomcast` binary: what was typed, the configuration, the app, an exit code.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use clap::{CommandFactory, Parser};
use roomcast::app::{self, App, Source};
use roomcast::cli::{Cli, Command, ComponentArgs, DevArgs, ServeArgs, TestArgs, config_file};
use roomcast::config::Config;
use roomcast::plugin::PluginConfig;
use roomcast::project::{self, Folder};
use roomcast::{logging, operator, plugin, scenario};
use tokio::sync::Notify;

#[cfg(not(target_env = "msvc"))]
mod allocator;

fn main() -> ExitCode {
    let outcome = match Cli::parse().command {
        Command::Serve(args) => serve(&args, resolve, Arc::default()),
        Command::New(args) => project::create(&args.name, args.lang).and_then(|text| print(&text)),
        Command::Build { dir } => build(&dir).and_then(|text| print(&text)),
        Command::Dev(args) => develop(&args),
        Command::Sdk { dir } => {
            Folder::open(&dir).and_then(|folder| project::refresh_sdk(&folder)).and_then(|text| print(&text))
        }
        Command::Component(args) => component(&args).and_then(|text| print(&text)),
        Command::Check { plugin } => plugin::check(&plugin).and_then(|report| print(&report)),
        Command::Inspect { plugin } => plugin::describe(&plugin).and_then(|text| print(&text)),
        Command::Test(args) => test(&args),
        Command::Plugin(args) => operator::plugin(&args).and_then(|text| print(&text)),
        Command::Publish(args) => operator::publish(&args).and_then(|text| print(&text)),
        Command::Tail(args) => operator::tail(&args),
        Command::Config(args) => resolve(&args).and_then(|config| print(&config.to_toml())),
        Command::Compile { plugins, config } => compile(plugins, config.as_deref()).and_then(|text| print(&text)),
        Command::CompileForServer { memory } => return plugin::compile_for_parent(memory),
        Command::Completions { shell } => {
            clap_complete::generate(shell, &mut Cli::command(), "roomcast", &mut std::io::stdout());
            Ok(())
        }
    };
    let code = match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            logging::last_word(&why);
            ExitCode::FAILURE
        }
    };
    logging::flush();
    code
}

/// Puts the configuration together.
type Resolve = fn(&ServeArgs) -> Result<Config, String>;

fn resolve(args: &ServeArgs) -> Result<Config, String> {
    Config::resolve(args.config_file().as_deref(), args.overrides()?)
}

/// While a plugin is developed no version is taken back: its author tries out the mistakes of the one that was just built.
fn resolve_to_develop(args: &ServeArgs) -> Result<Config, String> {
    let mut config = resolve(args)?;
    for plugin in config.plugins.iter_mut().flatten() {
        plugin.rollback.window = Duration::ZERO;
    }
    Ok(config)
}

/// Have plugins compiled by the rules of a configuration.
fn compile(plugins: Vec<PathBuf>, config: Option<&Path>) -> Result<String, String> {
    let config = Config::resolve(config_file(config).as_deref(), toml::Table::new())?;
    let engine = plugin::Engine::with_compiler(&config.cache, &config.data, plugin::Compiler::new(&config.compiler));
    let engine = engine.map_err(|why| why.to_string())?;
    let configured = config.plugins.unwrap_or_default();
    let plugins = if plugins.is_empty() { configured.iter().filter_map(PluginConfig::file).collect() } else { plugins };
    plugin::compile_ahead(&engine, &plugins)
}

fn build(dir: &Path) -> Result<String, String> {
    project::build(&Folder::open(dir)?).map(|built| built.to_string())
}

fn develop(args: &DevArgs) -> Result<(), String> {
    let project = Folder::open(&args.dir)?;
    let serving = args.serve(&project)?;
    let again = Arc::new(Notify::new());
    let changed = again.clone();
    let developing = project::develop(project, move || changed.notify_one());
    developing.map_err(|why| format!("starting a thread: {why}"))?;
    serve(&serving, resolve_to_develop, again)
}

/// Play a plugin's scenarios; what lies in its folder is built first, if it is in a language that can be.
fn test(args: &TestArgs) -> Result<(), String> {
    let folder = args.target.is_dir().then(|| Folder::open(&args.target)).transpose()?;
    if let Some(folder) = folder.filter(|folder| !args.no_build && !args.list && folder.language().is_ok()) {
        project::build(&folder)?;
    }
    scenario::test(args)
}

fn component(args: &ComponentArgs) -> Result<String, String> {
    let of = |path: &Path, why: &dyn std::fmt::Display| format!("{}: {why}", path.display());
    let module = std::fs::read(&args.module).map_err(|why| of(&args.module, &why))?;
    let component = project::componentize(&module, &args.recipe()).map_err(|why| of(&args.module, &why))?;
    std::fs::write(&args.output, &component).map_err(|why| of(&args.output, &why))?;
    Ok(format!("{}: {} bytes", args.output.display(), component.len()))
}

/// `again` has the configuration read again while it runs.
fn serve(args: &ServeArgs, resolve: Resolve, again: Arc<Notify>) -> Result<(), String> {
    let config = resolve(args)?;
    let levels = logging::start(&config.log)?;
    let runtime = tokio::runtime::Runtime::new().map_err(|why| format!("starting the runtime: {why}"))?;
    let once_more = args.clone();
    let source = Source { resolve: Box::new(move || resolve(&once_more)), levels, again };
    let outcome = runtime.block_on(async {
        let app = App::start(config, source).await?;
        if let Some(path) = &args.server.ports_file {
            app::write_ports_file(path, app.listen, app.api).map_err(|why| format!("{}: {why}", path.display()))?;
        }
        app.run_until_signal().await;
        Ok(())
    });
    // A name that is being looked up for a plugin, or a component that is being compiled, cannot be broken off.
    runtime.shutdown_timeout(app::GRACE);
    outcome
}

fn print(text: &str) -> Result<(), String> {
    match writeln!(std::io::stdout(), "{}", text.trim_end()) {
        // Whoever reads has seen enough.
        Err(why) if why.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
        outcome => outcome.map_err(|why| format!("printing: {why}")),
    }
}
