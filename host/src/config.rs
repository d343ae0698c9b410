//! The resolved configuration: defaults, then `roomcast.toml`, then `ROOMCAST_*`, then flags; what comes later wins.
//!
//! Every part of the program owns its table; this only puts them together. Unknown keys are errors.

mod explain;
mod layers;
mod of_plugin;
#[cfg(test)]
mod ranges;

use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use toml::{Table, Value};

use crate::plugin::{CompilerConfig, PluginConfig};
use crate::{http, hub, logging, server};
use explain::explain;
pub(crate) use explain::nearest;
pub(crate) use layers::set;

/// What is wrong with a configuration, where, and what would be right.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Error(String);

impl From<String> for Error {
    fn from(why: String) -> Self {
        Self(why)
    }
}

/// Everything that can be configured.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// The listener for clients.
    pub server: server::Config,
    /// The stream and client-to-server messages.
    pub endpoint: http::Config,
    /// Rooms, keepalive, threads.
    pub hub: hub::Config,
    /// Every bound of the hub.
    pub limits: hub::HubLimits,
    /// What rooms keep of their events.
    pub history: hub::HistoryConfig,
    /// What some rooms keep, by their names; the first that matches counts.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub rooms: Vec<hub::RoomRule>,
    /// The listener for operators and publishers.
    pub api: http::api::Config,
    /// What one client may do how often.
    pub rates: http::RatesConfig,
    /// Files next to the stream.
    #[serde(rename = "static")]
    pub files: http::StaticConfig,
    /// What is logged, and how.
    pub log: logging::Config,
    /// Where native code of plugins is kept.
    pub cache: crate::plugin::CacheConfig,
    /// How plugins are compiled.
    pub compiler: CompilerConfig,
    /// What happens when a plugin's file changes.
    pub reload: crate::plugin::ReloadConfig,
    /// Where stores of plugins are kept.
    pub data: crate::plugin::DataConfig,
    /// The chain of plugins, in order. Not set: the embedded one. An empty list: none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub plugins: Option<Vec<PluginConfig>>,
    /// The file that this comes from, if it comes from one.
    #[serde(skip)]
    pub file: Option<PathBuf>,
}

impl Config {
    /// Put the layers together. `overrides` is what the command line says.
    ///
    /// # Errors
    /// What is wrong in one of them.
    pub fn resolve(file: Option<&Path>, overrides: Table) -> Result<Self, Error> {
        Ok(Self::from_layers(file, variables(), overrides)?)
    }

    /// The bounds for the compiler alone, for tools that start no server: they read no other variable. The file has to be
    /// valid as a whole.
    ///
    /// # Errors
    /// What is wrong with the file or the variables.
    pub(crate) fn compiler(file: Option<&Path>) -> Result<CompilerConfig, Error> {
        let variables = variables().filter(|(name, _)| name.starts_with("ROOMCAST_COMPILER_"));
        let table = file.map_or_else(|| Ok(Table::new()), read)?;
        Ok(Self::from_table(table, variables, Table::new())?.compiler)
    }

    /// What rooms keep.
    pub(crate) fn history_rules(&self) -> hub::HistoryRules {
        hub::HistoryRules { history: self.history.clone(), rooms: self.rooms.clone() }
    }

    /// Put these layers together.
    pub(crate) fn from_layers(
        file: Option<&Path>,
        environment: impl Iterator<Item = (String, String)>,
        overrides: Table,
    ) -> Result<Self, String> {
        let table = file.map_or_else(|| Ok(Table::new()), read)?;
        let mut config = Self::from_table(table, environment, overrides)?;
        config.file = file.map(|path| std::path::absolute(path).unwrap_or_else(|_| path.to_owned()));
        config.check()
    }

    fn from_table(
        mut table: Table,
        environment: impl Iterator<Item = (String, String)>,
        mut overrides: Table,
    ) -> Result<Self, String> {
        let of_plugins = of_plugin::take(&mut overrides);
        layers::merge(&mut table, layers::from_environment(environment)?);
        layers::merge(&mut table, overrides);
        of_plugin::set(&mut table, of_plugins)?;
        serde_path_to_error::deserialize(Value::Table(table)).map_err(|why| at_key(&why))
    }

    /// What no single table can see.
    fn check(self) -> Result<Self, String> {
        if self.hub.shards > hub::Config::MAX_SHARDS {
            return Err(format!("`hub.shards` is at most {}", hub::Config::MAX_SHARDS));
        }
        self.history_rules().check()?;
        Ok(self)
    }

    /// The keys with another value than in `running`, of those that count from the start of a server to its end. The
    /// others are `plugins`, `rooms`, `log.level`, and the tables `endpoint`, `history` (but `tell`), `rates` and `static`.
    pub fn fixed_changes(&self, running: &Self) -> Vec<String> {
        let tables = |config: &Self| {
            let mut tables = Table::try_from(config).expect("every value has a form in TOML");
            for free in ["plugins", "rooms", "endpoint", "rates", "static"] {
                tables.remove(free);
            }
            if let Some(Value::Table(history)) = tables.get_mut("history") {
                history.retain(|key, _| key == "tell");
            }
            if let Some(Value::Table(log)) = tables.get_mut("log") {
                log.remove("level");
            }
            tables
        };
        let (new, old) = (tables(self), tables(running));
        let mut changed: Vec<_> = new
            .iter()
            .flat_map(|(table, keys)| {
                keys.as_table().into_iter().flatten().map(move |(key, value)| (table, key, value))
            })
            .filter(|(table, key, value)| old.get(*table).and_then(|table| table.get(*key)) != Some(*value))
            .map(|(table, key, _)| format!("{table}.{key}"))
            .collect();
        let missing = |(table, keys): (&String, &Value)| {
            let keys = keys.as_table().into_iter().flatten().map(|(key, _)| (table.clone(), key.clone()));
            keys.collect::<Vec<_>>()
        };
        let gone = old
            .iter()
            .flat_map(missing)
            .filter(|(table, key)| new.get(table).and_then(|table| table.get(key)).is_none());
        changed.extend(gone.map(|(table, key)| format!("{table}.{key}")));
        // It is not printed.
        if self.api.token != running.api.token {
            changed.push("api.token".into());
        }
        changed
    }

    /// The configuration as `roomcast.toml` would have it.
    ///
    /// # Panics
    /// Never: every value has a form in TOML.
    pub fn to_toml(&self) -> String {
        toml::to_string_pretty(self).expect("every value has a form in TOML")
    }
}

/// The environment's variables. Names and values that are not text are not ours.
fn variables() -> impl Iterator<Item = (String, String)> {
    std::env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
}

/// The largest configuration file, in bytes.
const MAX_FILE: u64 = 1 << 20;

/// Read a file, and check it by itself, so that a mistake is shown with its line.
fn read(path: &Path) -> Result<Table, String> {
    let shown = path.display();
    let text = read_text(path).map_err(|why| format!("{shown} cannot be read: {why}"))?;
    let at = |span: Option<Range<usize>>| match span {
        Some(span) => format!("{shown}, line {}", text[..span.start].matches('\n').count() + 1),
        None => shown.to_string(),
    };
    let invalid = |why: toml::de::Error| match why.span() {
        Some(span) if why.message().starts_with("duplicate key") => {
            format!("{}: the key `{}` is set twice", at(why.span()), &text[span])
        }
        span => format!("{}: {}", at(span), why.message()),
    };
    let parser = toml::Deserializer::parse(&text).map_err(invalid)?;
    serde_path_to_error::deserialize::<_, Config>(parser)
        .map_err(|why| format!("{}: {}", at(why.inner().span()), at_key(&why)))?;
    let mut table: Table = text.parse().map_err(invalid)?;
    layers::anchor_paths(&mut table, path.parent().unwrap_or(Path::new(".")));
    Ok(table)
}

/// The text of a regular file. A pipe or a device could have no end, and has nothing more to read at a SIGHUP.
fn read_text(path: &Path) -> io::Result<String> {
    let metadata = std::fs::metadata(path)?;
    if !metadata.is_file() {
        return Err(io::Error::other("not a regular file; a server reads its configuration again on SIGHUP"));
    }
    if metadata.len() > MAX_FILE {
        return Err(io::Error::other("larger than 1MiB"));
    }
    std::fs::read_to_string(path)
}

/// What is wrong, after the key that it is wrong at.
fn at_key(why: &serde_path_to_error::Error<toml::de::Error>) -> String {
    let message = explain(why.inner().message());
    match why.path().to_string().as_str() {
        "." => message,
        // The message about an unknown key names it already; the path says in which table.
        path => format!("`{path}`: {message}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resolve(file: &str, environment: &[(&str, &str)], overrides: &str) -> Result<Config, String> {
        let dir = tempfile::tempdir().expect("a folder");
        let path = dir.path().join("roomcast.toml");
        std::fs::write(&path, file).expect("written");
        let environment = environment.iter().map(|(key, value)| (key.to_string(), value.to_string()));
        Config::from_layers(Some(&path), environment, overrides.parse().expect("valid"))
    }

    #[test]
    fn later_layers_win() {
        let file = "[hub]\nkeepalive = \"1s\"\nauto_join_room = \"file\"\nwrite_timeout = \"3s\"";
        let environment = [("ROOMCAST_HUB_KEEPALIVE", "2s"), ("ROOMCAST_HUB_AUTO_JOIN_ROOM", "environment")];
        let config = resolve(file, &environment, "hub.auto_join_room = \"flag\"").expect("valid");
        assert_eq!(config.hub.write_timeout.as_secs(), 3);
        assert_eq!(config.hub.keepalive.as_secs(), 2);
        assert_eq!(config.hub.auto_join_room, "flag");
        assert_eq!(config.endpoint.path, "/sse", "what nobody sets has its default");
    }

    #[test]
    fn mistakes_are_shown_with_place_and_remedy() {
        let why = |file, environment: &[(&str, &str)]| resolve(file, environment, "").expect_err("refused");
        let unknown = why("\n[server]\nlisen = \"127.0.0.1:1\"", &[]);
        assert!(unknown.contains("roomcast.toml, line 3") && unknown.contains("did you mean `listen`?"), "{unknown}");
        let table = why("[sever]\n", &[]);
        assert!(table.contains("did you mean `server`?"), "{table}");
        let value = why("[hub]\nkeepalive = \"soon\"", &[]);
        assert!(value.contains("line 2") && value.contains("such as \"15s\""), "{value}");
        let variable = why("", &[("ROOMCAST_SERVER_LISEN", "127.0.0.1:1")]);
        assert!(variable.contains("ROOMCAST_SERVER_LISEN") && variable.contains("did you mean"), "{variable}");
        assert!(why("", &[("ROOMCAST_SERVR_LISTEN", "x")]).contains("ROOMCAST_SERVR_LISTEN"));
        assert!(why("[hub]\nshards = 100", &[]).contains("hub.shards"));
        assert!(why("[hub]\nwrite_timeout = \"0s\"", &[]).contains("hub.write_timeout"));
    }

    #[test]
    fn values_of_another_kind_are_explained_with_an_example() {
        for (file, words) in [
            ("[hub]\nkeepalive = 5", "a duration such as \"15s\", found the number 5"),
            ("[server]\nbody_bytes = true", "a size such as \"64KiB\""),
            ("[limits]\nrooms = \"many\"", "a whole number such as 8, found the text \"many\""),
            ("[endpoint]\nallow_origins = \"*\"", "a list such as [\"a\", \"b\"], found the text \"*\""),
            ("[cache]\nenabled = \"yes\"", "true or false, found the text \"yes\""),
            ("[hub]\nkeepalive = \"1s\"\nkeepalive = \"2s\"", "line 3: the key `keepalive` is set twice"),
        ] {
            let why = resolve(file, &[], "").expect_err(file);
            assert!(why.contains(words), "{why}");
        }
        let why = resolve("[limits]\nrooms = 99999999999999999999", &[], "").expect_err("too large");
        assert!(!why.contains("i128") && !why.contains("u64"), "{why}");
    }

    #[test]
    fn flags_and_variables_are_written_without_knowing_toml() {
        let set = |key: &str, value: &str| {
            let mut table = Table::new();
            layers::set(&mut table, "endpoint", key, value);
            table["endpoint"][key].clone()
        };
        let list = |texts: &[&str]| Value::Array(texts.iter().map(|text| Value::String((*text).into())).collect());
        assert_eq!(set("allow_origins", "*"), list(&["*"]));
        assert_eq!(set("allow_origins", "'https://a'"), list(&["https://a"]));
        assert_eq!(set("allow_origins", "['https://a', 'https://b']"), list(&["https://a", "https://b"]));
        assert_eq!(set("path", "/x"), Value::String("/x".into()));
        assert_eq!(set("path", "\"/x\""), Value::String("/x".into()), "in quotes, as in TOML");
        assert_eq!(set("path", "5"), Value::String("5".into()), "a text stays one");
    }

    #[test]
    fn file_that_may_have_no_end_is_refused() {
        for path in ["/dev/zero", "/"] {
            let why = Config::resolve(Some(Path::new(path)), Table::new()).expect_err("refused").to_string();
            assert!(why.contains("not a regular file"), "{why}");
        }
    }

    #[test]
    fn what_is_printed_can_be_read_again() {
        let config = resolve("", &[("ROOMCAST_API_LISTEN", "off"), ("ROOMCAST_LIMITS_ROOMS", "7")], "").expect("valid");
        let again: Config = toml::from_str(&config.to_toml()).expect("valid");
        assert_eq!(again.to_toml(), config.to_toml());
        assert_eq!(again.limits.rooms, 7);
    }

    #[test]
    fn what_counts_for_the_whole_run_is_named() {
        let config = |file: &str| resolve(file, &[], "").expect("valid");
        let running = config("");
        let free = config(
            "[log]\nlevel = \"debug\"\n[endpoint]\npath = \"/x\"\n[rates]\nmessages = \"1/s\"\n[[plugins]]\npath = \"x.wasm\"",
        );
        assert_eq!(free.fixed_changes(&running), [""; 0]);
        let fixed = config("[api]\ntoken = \"t\"\n[hub]\nkeepalive = \"1s\"\n[log]\nformat = \"json\"");
        assert_eq!(fixed.fixed_changes(&running), ["hub.keepalive", "log.format", "api.token"]);
        let set = config("[cache]\ndir = \"x\"");
        assert_eq!(set.fixed_changes(&running), ["cache.dir"]);
        assert_eq!(running.fixed_changes(&set), ["cache.dir"], "a key that is no longer set");
    }

    #[test]
    fn paths_in_a_file_are_relative_to_it() {
        let file = "[static]\ndir = 'page'\n[data]\ndir = 'data'\n[[plugins]]\npath = 'x.wasm'\n\
                    [plugins.capabilities]\nfolders = { '/d' = 'd' }\nhttp = { allow = ['a'], ca = 'ca.pem' }";
        let config = resolve(file, &[], "").expect("valid");
        let capabilities = &config.plugins.as_ref().expect("set")[0].capabilities;
        let ca = capabilities.http.as_ref().expect("set").ca.as_ref();
        for path in [config.files.dir.as_ref(), config.data.dir.as_ref(), capabilities.folders.get("/d"), ca] {
            assert!(path.expect("set").is_absolute(), "{path:?}");
        }
        let again: Config = toml::from_str(&config.to_toml()).expect("valid");
        assert_eq!(&again.plugins.expect("set")[0].capabilities, capabilities);
    }
}
