//! Layers of configuration, as TOML tables that are laid over each other.

use std::path::Path;

use toml::{Table, Value};

use super::Config;
use super::explain::nearest;

const PREFIX: &str = "ROOMCAST_";
/// Variables with a meaning of their own.
const OTHERS: [&str; 1] = ["ROOMCAST_CONFIG"];

/// Keys that have no default, and are text.
const UNSET: [(&str, &str); 4] = [("api", "token"), ("static", "dir"), ("cache", "dir"), ("data", "dir")];

/// Lay `over` over `table`: tables are merged, everything else is replaced.
pub(super) fn merge(table: &mut Table, over: Table) {
    for (key, value) in over {
        match (table.get_mut(&key), value) {
            (Some(Value::Table(below)), Value::Table(above)) => merge(below, above),
            (_, value) => _ = table.insert(key, value),
        }
    }
}

/// Set `section.key`. Where the default is a text the value is the text as it stands, so that a token of digits does not
/// become a number, or what stands in TOML's quotes. Where the default is a list, a single value is a list of one.
/// Otherwise the value is TOML, or text if it cannot be read as such.
pub(crate) fn set(table: &mut Table, section: &str, key: &str, value: &str) {
    let defaults = Table::try_from(Config::default()).expect("every value has a form in TOML");
    let default = defaults.get(section).and_then(|section| section.get(key));
    let is_text = UNSET.contains(&(section, key)) || default.is_some_and(Value::is_str);
    let parsed = || format!("value = {value}").parse::<Table>().ok().and_then(|mut table| table.remove("value"));
    let text = || Value::String(value.into());
    let value = match parsed() {
        Some(quoted @ Value::String(_)) if is_text => quoted,
        _ if is_text => text(),
        parsed => parsed.unwrap_or_else(text),
    };
    let value = match (default, value) {
        (Some(Value::Array(_)), one) if !one.is_array() => Value::Array(vec![one]),
        (_, value) => value,
    };
    let entry = table.entry(section).or_insert_with(|| Value::Table(Table::new()));
    if let Value::Table(section) = entry {
        section.insert(key.into(), value);
    }
}

/// `ROOMCAST_HUB_KEEPALIVE=5s` is `hub.keepalive = "5s"`.
pub(super) fn from_environment(variables: impl Iterator<Item = (String, String)>) -> Result<Table, String> {
    let known = known_variables();
    let mut table = Table::new();
    for (variable, value) in variables {
        if !variable.starts_with(PREFIX) || OTHERS.contains(&variable.as_str()) {
            continue;
        }
        let Some((_, section, key)) = known.iter().find(|(name, ..)| *name == variable) else {
            let hint = nearest(&variable, known.iter().map(|(name, ..)| name.as_str()));
            let hint = hint
                .map_or_else(|| "see `roomcast config` for all keys".into(), |name| format!("did you mean `{name}`?"));
            return Err(format!("the environment variable `{variable}` is not known: {hint}"));
        };
        set(&mut table, section, key, &value);
    }
    Ok(table)
}

/// Every variable with the section and key that it sets, from the configuration's own shape.
fn known_variables() -> Vec<(String, String, String)> {
    let mut known = Vec::new();
    let defaults = Table::try_from(Config::default()).expect("every value has a form in TOML");
    let unset = UNSET.map(|(section, key)| (section.to_owned(), key.to_owned()));
    let set = defaults.into_iter().filter_map(|(section, value)| match value {
        Value::Table(keys) => Some(keys.into_iter().map(move |(key, _)| (section.clone(), key)).collect::<Vec<_>>()),
        _ => None,
    });
    for (section, key) in set.flatten().chain(unset) {
        let variable = format!("{PREFIX}{}_{}", section.to_uppercase(), key.to_uppercase());
        known.push((variable, section, key));
    }
    known
}

/// Make the paths in a file relative to the file's folder, whatever folder the program runs in.
pub(super) fn anchor_paths(table: &mut Table, folder: &Path) {
    let folder = std::path::absolute(folder).unwrap_or_else(|_| folder.to_owned());
    let anchor = |value: Option<&mut Value>| {
        if let Some(Value::String(path)) = value {
            *path = folder.join(&*path).to_string_lossy().into_owned();
        }
    };
    for (section, key) in [("static", "dir"), ("cache", "dir"), ("data", "dir")] {
        anchor(table.get_mut(section).and_then(Value::as_table_mut).and_then(|section| section.get_mut(key)));
    }
    for plugin in table.get_mut("plugins").and_then(Value::as_array_mut).into_iter().flatten() {
        anchor(plugin.get_mut("path"));
        let Some(capabilities) = plugin.get_mut("capabilities").and_then(Value::as_table_mut) else { continue };
        anchor(capabilities.get_mut("http").and_then(|http| http.get_mut("ca")));
        let folders = capabilities.get_mut("folders").and_then(Value::as_table_mut);
        folders.into_iter().flatten().for_each(|(_, folder)| anchor(Some(folder)));
    }
}
