//! What can be typed about a server that runs.

use std::path::PathBuf;

use clap::{Args, Subcommand};

/// Where the API of a running server is.
#[derive(Debug, Args)]
pub struct ApiArgs {
    /// The server's API [default: `api.listen` of the configuration, which is 127.0.0.1:9090].
    #[arg(long, value_name = "ADDR", global = true)]
    pub api: Option<String>,
    /// The configuration file of the server, for `api.listen` and `api.token` [default: roomcast.toml, if there is one here].
    #[arg(long, value_name = "FILE", env = "ROOMCAST_CONFIG", global = true)]
    pub config: Option<PathBuf>,
}

/// What is wanted of a running server, and where it is.
#[derive(Debug, Args)]
pub struct PluginArgs {
    /// What to do.
    #[command(subcommand)]
    pub verb: PluginVerb,
    /// Where the server is.
    #[command(flatten)]
    pub server: ApiArgs,
}

/// What can be done with plugins.
#[derive(Debug, Subcommand)]
pub enum PluginVerb {
    /// Show which plugins run, in which version, and how they are doing.
    List {
        /// As JSON, with everything that is known.
        #[arg(long)]
        json: bool,
    },
    /// Load a plugin's file again and have it take over, with the state of the version that runs.
    Reload {
        /// The plugin's name.
        name: String,
        /// Start without the state of the version that runs.
        #[arg(long)]
        fresh: bool,
        /// Also when this file was taken back before because it failed.
        #[arg(long)]
        force: bool,
    },
    /// Let the version on trial have all connections.
    Promote {
        /// The plugin's name.
        name: String,
    },
    /// End the version on trial.
    Abandon {
        /// The plugin's name.
        name: String,
    },
    /// Go back to the version before.
    Rollback {
        /// The plugin's name.
        name: String,
    },
}

/// An event, and who gets it.
#[derive(Debug, Args)]
pub struct PublishArgs {
    /// The room; `__all` is everybody.
    pub room: String,
    /// The event's data; `-` reads it from standard input.
    pub data: String,
    /// The event's type [default: message].
    #[arg(long, value_name = "TYPE")]
    pub event: Option<String>,
    /// The event's id.
    #[arg(long)]
    pub id: Option<String>,
    /// Where the server is.
    #[command(flatten)]
    pub server: ApiArgs,
}

/// A stream to read.
#[derive(Debug, Args)]
pub struct TailArgs {
    /// The stream, for example 127.0.0.1:8080 or http://127.0.0.1:8080/sse?name=Ada [default path: /sse].
    #[arg(default_value = "http://127.0.0.1:8080/sse")]
    pub url: String,
    /// Ask for this room; may be given several times. The server must let clients ask (`endpoint.room_parameter`).
    #[arg(long = "room", value_name = "ROOM")]
    pub rooms: Vec<String>,
    /// Send this header; may be given several times.
    #[arg(short = 'H', long = "header", value_name = "NAME: VALUE")]
    pub headers: Vec<String>,
    /// End after so many events.
    #[arg(short = 'n', long, value_name = "N")]
    pub count: Option<u64>,
    /// Only the data, as it came: one event, one line, for other programs.
    #[arg(long)]
    pub data: bool,
    /// Show keepalives and other comments, too.
    #[arg(long)]
    pub comments: bool,
}
