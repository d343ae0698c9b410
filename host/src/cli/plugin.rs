//! `roomcast plugin`: the plugins of a running server, by its API.

mod table;

use anyhow::Result;
use clap::Subcommand;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;

use super::api::{ApiArgs, ApiClient};
use super::print::print;
use super::printable::{self, one_line, printable};

/// A request to a running server, and where the server is.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// What to do.
    #[command(subcommand)]
    verb: PluginVerb,
    /// Where the server is.
    #[command(flatten)]
    server: ApiArgs,
}

/// What can be done with plugins.
#[derive(Debug, Subcommand)]
pub(super) enum PluginVerb {
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
        /// Also when this file was rolled back before because it failed.
        #[arg(long)]
        force: bool,
    },
    /// Give the canary all connections.
    Promote {
        /// The plugin's name.
        name: String,
    },
    /// End the canary; the version that serves stays.
    Abandon {
        /// The plugin's name.
        name: String,
    },
    /// Go back to the previous version.
    Rollback {
        /// The plugin's name.
        name: String,
    },
}

/// Do with a plugin what was typed.
pub(super) fn run(args: &Args) -> Result<()> {
    let client = ApiClient::of(&args.server)?;
    print(&super::http::block_on(ask(&client, &args.verb))?)
}

async fn ask(client: &ApiClient, verb: &PluginVerb) -> Result<String> {
    let (name, path) = match verb {
        PluginVerb::List { json } => {
            let plugins = client.get("/v1/plugins").await?;
            return Ok(if *json { printable::json(&plugins) } else { table::plugins(&plugins) });
        }
        PluginVerb::Reload { name, fresh, force } => (name, format!("reload?fresh={fresh}&force={force}")),
        PluginVerb::Promote { name } => (name, "promote".into()),
        PluginVerb::Abandon { name } => (name, "abandon".into()),
        PluginVerb::Rollback { name } => (name, "rollback".into()),
    };
    let name = utf8_percent_encode(name, NON_ALPHANUMERIC);
    let done = client.post(&format!("/v1/plugins/{name}/{path}"), None).await?;
    Ok(sentence(&done))
}

/// The result, as a sentence.
fn sentence(done: &Value) -> String {
    let text = |key: &str| one_line(done[key].as_str().unwrap_or_default());
    let (plugin, outcome, generation) = (text("plugin"), text("outcome"), &done["generation"]);
    let hash = text("hash");
    let hash = hash.get(..12).unwrap_or_default();
    let state = done["state"].as_str().map(|state| format!("; {}", printable(state))).unwrap_or_default();
    match &*outcome {
        "canary" => format!("{plugin}: generation {generation} ({hash}) is on trial{state}"),
        "abandoned" => format!("{plugin}: the trial has ended, generation {generation} ({hash}) serves"),
        outcome => format!("{plugin}: {outcome}, generation {generation} ({hash}) serves{state}"),
    }
}
