//! The `roomcast` binary: what was typed, the configuration, the app, an exit code.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{CommandFactory, Parser};
use roomcast::app::{self, App, Source};
use roomcast::cli::{Cli, Command, ServeArgs, config_file};
use roomcast::config::Config;
use roomcast::plugin::PluginConfig;
use roomcast::{logging, operator, plugin, scenario};

fn main() -> ExitCode {
    let outcome = match Cli::parse().command {
        Command::Serve(args) => serve(&args),
        Command::Check { plugin } => plugin::check(&plugin).and_then(|report| print(&report)),
        Command::Inspect { plugin } => plugin::describe(&plugin).and_then(|text| print(&text)),
        Command::Test(args) => scenario::test(&args),
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
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            // Nothing is left to be done if even this fails.
            let _ = writeln!(std::io::stderr(), "roomcast: {why}");
            ExitCode::FAILURE
        }
    }
}

fn resolve(args: &ServeArgs) -> Result<Config, String> {
    Config::resolve(args.config_file().as_deref(), args.overrides()?)
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

fn serve(args: &ServeArgs) -> Result<(), String> {
    let config = resolve(args)?;
    let levels = logging::start(&config.log)?;
    let runtime = tokio::runtime::Runtime::new().map_err(|why| format!("starting the runtime: {why}"))?;
    let again = args.clone();
    let source = Source { resolve: Box::new(move || resolve(&again)), levels };
    let outcome = runtime.block_on(async {
        let app = App::start(config, source).await?;
        if let Some(path) = &args.ports_file {
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
