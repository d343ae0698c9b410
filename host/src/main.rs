//! The `roomcast` binary: what was typed, the configuration, the app, an exit code.

use std::io::Write;
use std::process::ExitCode;

use clap::{CommandFactory, Parser};
use roomcast::app::{self, App, Source};
use roomcast::cli::{Cli, Command, ServeArgs};
use roomcast::config::Config;
use roomcast::{logging, operator, plugin};

fn main() -> ExitCode {
    let outcome = match Cli::parse().command {
        Command::Serve(args) => serve(&args),
        Command::Check { plugin } => plugin::check(&plugin).and_then(|report| print(&report)),
        Command::Plugin(args) => operator::plugin(&args).and_then(|text| print(&text)),
        Command::Publish(args) => operator::publish(&args).and_then(|text| print(&text)),
        Command::Tail(args) => operator::tail(&args),
        Command::Config(args) => resolve(&args).and_then(|config| print(&config.to_toml())),
        Command::Compile { memory } => return plugin::compile_for_parent(memory),
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
