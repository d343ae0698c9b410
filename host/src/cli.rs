//! What the user typed.

mod project;
mod running;
mod testing;

use std::path::{Path, PathBuf};

pub use project::{ComponentArgs, DevArgs, NewArgs};
pub use running::{ApiArgs, PluginArgs, PluginVerb, PublishArgs, TailArgs};
pub use testing::TestArgs;

use clap::{Args, Parser, Subcommand};
use toml::{Table, Value};

use crate::config::set;
use crate::logging;
use crate::plugin::COMPILE_COMMAND;

/// A Server-Sent-Events server whose connection and room logic is written as WebAssembly plugins.
#[derive(Debug, Parser)]
#[command(version, about, long_about = None, after_help = EXAMPLES)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

const EXAMPLES: &str = "\
Examples:
  roomcast new my-chat --lang js          a plugin of your own, in one of seven languages
  roomcast dev my-chat                    build it, serve it, and again at every change
  roomcast serve                          the embedded chat on http://127.0.0.1:8080/
  roomcast serve my-plugin.wasm           your own logic
  roomcast serve guard.wasm lobby.wasm    a chain: the first rejection answers
  roomcast plugin reload my-plugin        swap it in a running server, under all open streams
  roomcast test                           the scenarios of the plugin in this folder
  roomcast check my-plugin.wasm           what a plugin has, or why it cannot be loaded
  roomcast tail                           read the stream, as `curl -N http://127.0.0.1:8080/sse` does
  roomcast publish __all hello            send everybody an event";

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Serve event streams.
    Serve(ServeArgs),
    /// Begin a plugin: a folder that builds and runs as it is.
    New(NewArgs),
    /// Build a plugin by its language's own tools, check it, and keep its native code for the server.
    Build {
        /// The project's folder.
        #[arg(default_value = ".")]
        dir: PathBuf,
    },
    /// Build a plugin and serve it; at every change of its source build it again and swap it in under the open streams.
    Dev(DevArgs),
    /// Write the SDK that this binary has into a project, in place of the one in its folder `sdk`.
    Sdk {
        /// The project's folder.
        #[arg(default_value = ".")]
        dir: PathBuf,
    },
    /// Make a component of a core module, for languages whose tools make only that.
    Component(ComponentArgs),
    /// Say which hooks and imports a plugin has, or exactly why it cannot be loaded.
    Check {
        /// The plugin: a WebAssembly component.
        plugin: PathBuf,
    },
    /// Show at length what a plugin is made of: hooks, what each import is for, size by part, memory, compile time.
    Inspect {
        /// The plugin: a WebAssembly component.
        plugin: PathBuf,
    },
    /// Try a plugin out: run scenarios of what clients do and get, without a network and without waiting.
    Test(TestArgs),
    /// Compile plugins into the cache ahead of time, for images and quick starts.
    Compile {
        /// Plugins; none given: those of the configuration.
        #[arg(value_name = "PLUGIN.wasm")]
        plugins: Vec<PathBuf>,
        /// The configuration file, for `cache.dir` and the plugins [default: roomcast.toml, if there is one here].
        #[arg(long, value_name = "FILE", env = "ROOMCAST_CONFIG")]
        config: Option<PathBuf>,
    },
    /// Look at the plugins of a running server, and replace them while all streams stay open.
    Plugin(PluginArgs),
    /// Publish an event to a room of a running server.
    Publish(PublishArgs),
    /// Show an event stream in the terminal, and come back when it is lost.
    Tail(TailArgs),
    /// Print the resolved configuration as roomcast.toml.
    Config(ServeArgs),
    /// Print a completion script, for example: roomcast completions bash > /etc/bash_completion.d/roomcast
    Completions {
        /// The shell.
        shell: clap_complete::Shell,
    },
    /// What the server starts to have a plugin compiled.
    #[command(name = COMPILE_COMMAND, hide = true)]
    CompileForServer {
        /// How much memory it may take, in bytes.
        #[arg(long)]
        memory: u64,
    },
}

/// What can be said about the server on the command line. Everything else has a key in the configuration file.
#[derive(Debug, Clone, Args, Default)]
pub struct ServeArgs {
    /// Plugins, in the order in which they are asked. None given: those of the configuration, or the embedded chat.
    #[arg(value_name = "PLUGIN.wasm")]
    plugins: Vec<PathBuf>,
    /// `none` runs the hub alone, without any plugin; otherwise one more plugin.
    #[arg(long = "plugin", value_name = "PLUGIN.wasm|none")]
    more_plugins: Vec<PathBuf>,
    /// The configuration file [default: roomcast.toml, if there is one here].
    #[arg(long, value_name = "FILE", env = "ROOMCAST_CONFIG")]
    config: Option<PathBuf>,
    /// What holds with any plugins.
    #[command(flatten)]
    pub server: ServerArgs,
}

/// What can be said about the server beside the plugins.
#[derive(Debug, Clone, Args, Default)]
pub struct ServerArgs {
    /// Where clients connect [default: 127.0.0.1:8080]; port 0 takes a free one.
    #[arg(long, value_name = "ADDR")]
    listen: Option<String>,
    /// The stream's path [default: /sse].
    #[arg(long, value_name = "PATH")]
    path: Option<String>,
    /// The path that takes clients' messages [default: /send].
    #[arg(long, value_name = "PATH")]
    message_path: Option<String>,
    /// Where operators and publishers connect [default: 127.0.0.1:9090], or `off`.
    #[arg(long, value_name = "ADDR|off")]
    api: Option<String>,
    /// Serve the files of this folder next to the stream.
    #[arg(long = "static", value_name = "DIR")]
    files: Option<PathBuf>,
    /// How to log.
    #[arg(long, value_name = "FORMAT", value_enum)]
    log_format: Option<logging::Format>,
    /// Set any key, for example: --set hub.keepalive=5s
    #[arg(long = "set", value_name = "SECTION.KEY=VALUE", value_parser = setting)]
    settings: Vec<Setting>,
    /// Write the addresses to this file, as JSON, once the server is ready.
    #[arg(long, value_name = "FILE")]
    pub ports_file: Option<PathBuf>,
}

/// One `--set`.
#[derive(Debug, Clone)]
struct Setting {
    section: String,
    key: String,
    value: String,
}

fn setting(text: &str) -> Result<Setting, String> {
    let (name, value) = text.split_once('=').ok_or("write SECTION.KEY=VALUE, for example hub.keepalive=5s")?;
    let (section, key) = name.split_once('.').ok_or("write SECTION.KEY=VALUE, for example hub.keepalive=5s")?;
    Ok(Setting { section: section.into(), key: key.into(), value: value.into() })
}

impl ServeArgs {
    /// The configuration file that was asked for, or the one that lies here.
    pub fn config_file(&self) -> Option<PathBuf> {
        config_file(self.config.as_deref())
    }

    /// What the command line says, as a layer of configuration.
    ///
    /// # Errors
    /// When it contradicts itself.
    pub fn overrides(&self) -> Result<Table, String> {
        let mut table = self.server.overrides();
        if let Some(plugins) = self.chain()? {
            table.insert("plugins".into(), Value::Array(plugins));
        }
        Ok(table)
    }

    fn chain(&self) -> Result<Option<Vec<Value>>, String> {
        let plugins: Vec<_> = self.plugins.iter().chain(&self.more_plugins).collect();
        let none = Path::new("none");
        if plugins.contains(&&none.to_path_buf()) {
            return if plugins.len() == 1 {
                Ok(Some(Vec::new()))
            } else {
                Err("`none` cannot go with other plugins".into())
            };
        }
        let entry = |path: &&PathBuf| {
            Value::Table(Table::from_iter([("path".to_owned(), Value::String(path.to_string_lossy().into_owned()))]))
        };
        Ok((!plugins.is_empty()).then(|| plugins.iter().map(entry).collect()))
    }
}

impl ServerArgs {
    fn overrides(&self) -> Table {
        let mut table = Table::new();
        for Setting { section, key, value } in &self.settings {
            set(&mut table, section, key, value);
        }
        let texts = [
            ("server", "listen", &self.listen),
            ("endpoint", "path", &self.path),
            ("endpoint", "message_path", &self.message_path),
            ("api", "listen", &self.api),
        ];
        for (section, key, value) in
            texts.into_iter().filter_map(|(section, key, value)| Some((section, key, value.as_ref()?)))
        {
            set(&mut table, section, key, value);
        }
        if let Some(dir) = &self.files {
            set(&mut table, "static", "dir", &dir.to_string_lossy());
        }
        if let Some(format) = self.log_format {
            set(&mut table, "log", "format", if format == logging::Format::Json { "json" } else { "human" });
        }
        table
    }
}

/// The configuration file that was asked for, or the one that lies here.
pub fn config_file(asked: Option<&Path>) -> Option<PathBuf> {
    let here = Path::new("roomcast.toml");
    asked.or_else(|| here.is_file().then_some(here)).map(Path::to_owned)
}
