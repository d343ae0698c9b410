//! What a version of a plugin was granted, looked up and checked once, when it is loaded.

use std::path::PathBuf;
use std::sync::Arc;

use super::imports::http::HttpClient;
use super::imports::keyvalue::{Bucket, Stores};
use super::load_error::Problem;
use super::simulation::Simulation;
use crate::plugin::config::Capabilities;

/// What a version of a plugin was granted, ready for its instances.
pub(in crate::plugin) struct Granted {
    /// Environment variables with their values.
    pub(in crate::plugin) variables: Vec<(String, String)>,
    /// Folders that can be read, each after the path that the guest sees.
    pub(in crate::plugin) folders: Vec<(String, PathBuf)>,
    /// The way out by HTTP.
    pub(in crate::plugin) http: Option<Arc<HttpClient>>,
    /// The plugin's store.
    pub(in crate::plugin) keyvalue: Option<Bucket>,
}

impl Granted {
    /// Check what is granted, without opening a store. May read files.
    pub(in crate::plugin) fn check(granted: &Capabilities) -> Result<(), Problem> {
        Self::without_store(granted, None).map(drop)
    }

    /// Look up what is granted to the plugin with this name. May read files.
    pub(in crate::plugin) fn new(
        plugin: &str,
        granted: &Capabilities,
        stores: &Stores,
        simulation: Option<&Simulation>,
    ) -> Result<Self, Problem> {
        let found = Self::without_store(granted, simulation)?;
        let keyvalue = granted.keyvalue.as_ref().map(|granted| stores.bucket(plugin, granted)).transpose();
        let keyvalue = keyvalue.map_err(|why| problem("keyvalue", why))?;
        Ok(Self { keyvalue, ..found })
    }

    fn without_store(granted: &Capabilities, simulation: Option<&Simulation>) -> Result<Self, Problem> {
        let variables = granted.env.iter().map(|name| variable(name)).collect::<Result<_, _>>()?;
        let folders = granted.folders.iter().map(|(guest, path)| folder(guest, path)).collect::<Result<_, _>>()?;
        let client = |granted| match simulation {
            Some(simulation) => HttpClient::simulated(granted, simulation.network()),
            None => HttpClient::new(granted),
        };
        let http = granted.http.as_ref().map(client).transpose();
        let http = http.map_err(|(key, why)| problem(format!("http.{key}"), why))?.map(Arc::new);
        Ok(Self { variables, folders, http, keyvalue: None })
    }
}

fn problem(key: impl Into<String>, why: impl Into<String>) -> Problem {
    Problem::Capability { key: key.into(), why: why.into() }
}

fn variable(name: &str) -> Result<(String, String), Problem> {
    match std::env::var(name) {
        Ok(value) => Ok((name.into(), value)),
        Err(std::env::VarError::NotPresent) => {
            Err(problem("env", format!("names `{name}`, which is not set where the server runs")))
        }
        Err(std::env::VarError::NotUnicode(_)) => Err(problem("env", format!("names `{name}`, which is not text"))),
    }
}

fn folder(guest: &str, path: &std::path::Path) -> Result<(String, PathBuf), Problem> {
    let wrong = |why: String| problem("folders", format!("gives `{guest}` the folder {}: {why}", path.display()));
    if !guest.starts_with('/') {
        return Err(wrong("the plugin's path has to begin with `/`".into()));
    }
    match std::fs::metadata(path) {
        Ok(metadata) if metadata.is_dir() => Ok((guest.into(), path.into())),
        Ok(_) => Err(wrong("that is no folder".into())),
        Err(why) => Err(wrong(why.to_string())),
    }
}
