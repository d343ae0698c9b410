//! `roomcast plugin`: asks the API of a running server, and shows its answer to a person.

mod client;
mod table;

use serde_json::Value;
use toml::Table;

use crate::cli::{PluginArgs, PluginVerb, config_file};
use crate::config::Config;
use crate::http::api::Listen;
use client::Client;

/// Do what was typed; the text to print.
///
/// # Errors
/// Why the server did not do it, or cannot be reached.
pub fn run(args: &PluginArgs) -> Result<String, String> {
    let config = Config::resolve(config_file(args.config.as_deref()).as_deref(), Table::new())?;
    let address = match (&args.api, config.api.listen) {
        (Some(address), _) => address.clone(),
        (None, Listen::At(address)) => address.to_string(),
        (None, Listen::Off) => return Err("`api.listen` is \"off\": this server cannot be asked".into()),
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|why| format!("starting the runtime: {why}"))?;
    runtime.block_on(ask(&Client { address, token: config.api.token }, &args.verb))
}

async fn ask(client: &Client, verb: &PluginVerb) -> Result<String, String> {
    let (name, path) = match verb {
        PluginVerb::List { json } => {
            let plugins = client.get("/v1/plugins").await?;
            return Ok(if *json { format!("{plugins:#}") } else { table::plugins(&plugins) });
        }
        PluginVerb::Reload { name, fresh, force } => (name, format!("reload?fresh={fresh}&force={force}")),
        PluginVerb::Promote { name } => (name, "promote".into()),
        PluginVerb::Abandon { name } => (name, "abandon".into()),
        PluginVerb::Rollback { name } => (name, "rollback".into()),
    };
    let name = percent_encoding::utf8_percent_encode(name, percent_encoding::NON_ALPHANUMERIC);
    let done = client.post(&format!("/v1/plugins/{name}/{path}")).await?;
    Ok(sentence(&done))
}

/// What has come of it.
fn sentence(done: &Value) -> String {
    let text = |key: &str| done[key].as_str().unwrap_or_default();
    let (plugin, outcome, generation) = (text("plugin"), text("outcome"), &done["generation"]);
    let hash = text("hash").get(..12).unwrap_or_default();
    let state = done["state"].as_str().map(|state| format!("; {state}")).unwrap_or_default();
    match outcome {
        "canary" => format!("{plugin}: generation {generation} ({hash}) is on trial{state}"),
        "abandoned" => format!("{plugin}: the trial has ended, generation {generation} ({hash}) serves"),
        outcome => format!("{plugin}: {outcome}, generation {generation} ({hash}) serves{state}"),
    }
}
