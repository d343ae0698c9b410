//! The command line: one file for each verb, with its arguments and what it does.

mod api;
mod build;
mod check;
mod compile;
mod compile_plugin;
mod completions;
mod component;
mod config;
mod described;
mod dev;
mod error;
mod http;
mod inspect;
mod new;
mod parts;
mod plugin;
mod plugin_file;
mod print;
mod printable;
mod publish;
mod sdk;
mod serve;
mod tail;
mod test;
mod warnings;
mod wit;

use std::process::ExitCode;

use clap::{CommandFactory, Parser, Subcommand};

use crate::logging;
use crate::plugin::COMPILE_COMMAND;

/// A Server-Sent-Events server whose connection and room logic is written as WebAssembly plugins.
#[derive(Debug, Parser)]
#[command(name = "roomcast", version, about, long_about = None, after_help = EXAMPLES)]
struct Cli {
    /// What to do.
    #[command(subcommand)]
    verb: Verb,
}

const EXAMPLES: &str = "\
Examples:
  roomcast new my-chat --lang js          a plugin of your own, in one of seven languages or any other
  roomcast dev my-chat                    build it, serve it, and again at every change
  roomcast serve                          the embedded chat on http://127.0.0.1:8080/
  roomcast serve my-plugin.wasm           your own logic
  roomcast serve guard.wasm lobby.wasm    a chain: the first rejection answers
  roomcast plugin reload my-plugin        swap it in a running server, under all open streams
  roomcast test                           the scenarios of the plugin in this folder
  roomcast check my-plugin.wasm           what a plugin has, or why it cannot be loaded
  roomcast tail                           read the stream, as `curl -N http://127.0.0.1:8080/sse` does
  roomcast publish __all hello            send everybody an event

Exit codes: 0 success, 1 failure, 64 wrong arguments or configuration.";

/// The verbs.
#[derive(Debug, Subcommand)]
enum Verb {
    /// Serve event streams.
    Serve(serve::ServeArgs),
    /// Start a plugin: a folder that builds and runs as it is.
    New(new::Args),
    /// Build a plugin by its language's own tools, check it, and keep its native code for the server.
    Build(build::Args),
    /// Build a plugin and serve it; rebuild it at every change of its source and swap it in under the open streams.
    Dev(dev::Args),
    /// Replace the SDK in a project's folder `sdk` by the one that this binary carries.
    Sdk(sdk::Args),
    /// Write the contract's WIT, with the packages that it names, into a folder, for tools of any language.
    Wit(wit::Args),
    /// Turn a core module into a component, for languages whose tools stop there.
    Component(component::Args),
    /// Say which hooks and imports a plugin has, or exactly why it cannot be loaded.
    Check(check::Args),
    /// Show at length what a plugin is made of: hooks, what each import is for, size by part, memory, compile time.
    Inspect(inspect::Args),
    /// Try a plugin out: run scenarios of what clients do and get, without a network and without waiting.
    Test(test::Args),
    /// Compile plugins into the cache ahead of time, for images and quick starts.
    Compile(compile::Args),
    /// Look at the plugins of a running server, and replace them while all streams stay open.
    Plugin(plugin::Args),
    /// Publish an event to a room of a running server.
    Publish(publish::Args),
    /// Show an event stream in the terminal, and reconnect when it is lost.
    Tail(tail::Args),
    /// Print the resolved configuration as roomcast.toml, or why `serve` would refuse it.
    Config(serve::ServeArgs),
    /// Print a completion script, for example: roomcast completions bash > /etc/bash_completion.d/roomcast
    Completions(completions::Args),
    /// What the server starts to have a plugin compiled.
    #[command(name = COMPILE_COMMAND, hide = true)]
    CompilePlugin(compile_plugin::Args),
}

/// Run the verb that the arguments name.
pub fn main() -> ExitCode {
    let verb = match Cli::try_parse() {
        Ok(cli) => cli.verb,
        Err(refusal) => {
            // Nothing is left to be done if even this fails.
            let _ = refusal.print();
            // Help and version are no errors.
            return if refusal.use_stderr() { ExitCode::from(error::USAGE) } else { ExitCode::SUCCESS };
        }
    };
    let outcome = match verb {
        Verb::Serve(args) => serve::run(&args),
        Verb::New(args) => new::run(&args),
        Verb::Build(args) => build::run(&args),
        Verb::Dev(args) => dev::run(&args),
        Verb::Sdk(args) => sdk::run(&args),
        Verb::Wit(args) => wit::run(&args),
        Verb::Component(args) => component::run(&args),
        Verb::Check(args) => check::run(&args),
        Verb::Inspect(args) => inspect::run(&args),
        Verb::Test(args) => test::run(&args),
        Verb::Compile(args) => compile::run(&args),
        Verb::Plugin(args) => plugin::run(&args),
        Verb::Publish(args) => publish::run(&args),
        Verb::Tail(args) => tail::run(&args),
        Verb::Config(args) => config::run(&args),
        Verb::Completions(args) => completions::run(&args, Cli::command()),
        Verb::CompilePlugin(args) => return compile_plugin::run(&args),
    };
    let code = match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => error::report(&error),
    };
    logging::flush();
    code
}
