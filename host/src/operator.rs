//! Talks to a running server for a person: `roomcast plugin` and `publish` to its API, `tail` to a stream.

mod client;
mod printable;
mod publish;
mod table;
mod tail;

use serde_json::Value;
use tokio::runtime::{Builder, Runtime};
use toml::Table;

use crate::cli::{ApiArgs, PluginArgs, PluginVerb, config_file};
use crate::config::Config;
use crate::http::api::Listen;
use client::Client;
use printable::{one_line, printable};
pub use publish::publish;
pub use tail::tail;

/// Do with a plugin what was typed; the text to print.
///
/// # Errors
/// Why the server did not do it, or cannot be reached.
pub fn plugin(args: &PluginArgs) -> Result<String, String> {
    let client = client(&args.server)?;
    runtime()?.block_on(ask(&client, &args.verb))
}

/// A client of the API that is meant.
fn client(args: &ApiArgs) -> Result<Client, String> {
    let config = Config::resolve(config_file(args.config.as_deref()).as_deref(), Table::new())?;
    let address = match (&args.api, config.api.listen) {
        (Some(address), _) => address.clone(),
        (None, Listen::At(address)) => address.local_target().to_string(),
        (None, Listen::Off) => return Err("`api.listen` is \"off\": this server cannot be asked".into()),
    };
    Ok(Client { address, token: config.api.token })
}

fn runtime() -> Result<Runtime, String> {
    Builder::new_current_thread().enable_all().build().map_err(|why| format!("starting the runtime: {why}"))
}

async fn ask(client: &Client, verb: &PluginVerb) -> Result<String, String> {
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
    let name = percent_encoding::utf8_percent_encode(name, percent_encoding::NON_ALPHANUMERIC);
    let done = client.post(&format!("/v1/plugins/{name}/{path}"), None).await?;
    Ok(sentence(&done))
}

/// What has come of it.
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
