//! Keys of one plugin, by its name: `plugin.NAME.config.KEY`, `plugin.NAME.limits.KEY`, `plugin.NAME.capabilities.KEY`.

use std::path::Path;

use toml::{Table, Value};

/// The section under which they are set.
const SECTION: &str = "plugin";
/// The tables of a plugin that can be set.
const TABLES: [&str; 3] = ["config", "limits", "capabilities"];

/// Take out what `overrides` sets for single plugins.
pub(super) fn take(overrides: &mut Table) -> Table {
    match overrides.remove(SECTION) {
        Some(Value::Table(settings)) => settings,
        _ => Table::new(),
    }
}

/// Set them in the plugins of a configuration.
pub(super) fn set(table: &mut Table, settings: Table) -> Result<(), String> {
    for (key, value) in settings {
        let wrong =
            || format!("`{SECTION}.{key}`: write {SECTION}.NAME.config.KEY, or limits or capabilities for config");
        let parts = TABLES
            .iter()
            .find_map(|table| key.split_once(&format!(".{table}.")).map(|(name, rest)| (name, *table, rest)));
        let (name, part, rest) = parts.ok_or_else(wrong)?;
        let plugin = plugin(table, name).map_err(|why| format!("`{SECTION}.{key}`: {why}"))?;
        // A key of `config` is the plugin's own, whatever dots it has.
        let keys = if part == "config" { vec![rest] } else { rest.split('.').collect() };
        insert(plugin, part, &keys, value).ok_or_else(wrong)?;
    }
    Ok(())
}

fn plugin<'a>(table: &'a mut Table, name: &str) -> Result<&'a mut Table, String> {
    let plugins = table.get_mut("plugins").and_then(Value::as_array_mut);
    let mut plugins: Vec<_> = plugins.into_iter().flatten().filter_map(Value::as_table_mut).collect();
    let Some(place) = plugins.iter().position(|plugin| name_of(plugin).as_deref() == Some(name)) else {
        let names: Vec<_> = plugins.iter().filter_map(|plugin| name_of(plugin)).collect();
        let known =
            if names.is_empty() { "none is configured".into() } else { format!("there is {}", names.join(", ")) };
        return Err(format!("there is no plugin `{name}`; {known}"));
    };
    Ok(plugins.swap_remove(place))
}

/// Its own, or its file's without the ending.
fn name_of(plugin: &Table) -> Option<String> {
    let text = |key| plugin.get(key).and_then(Value::as_str);
    let of_file = || Path::new(text("path")?).file_stem().map(|stem| stem.to_string_lossy().into_owned());
    text("name").map(str::to_owned).or_else(of_file)
}

/// `None` if what is below a key is no table.
fn insert(table: &mut Table, key: &str, below: &[&str], value: Value) -> Option<()> {
    let Some((next, rest)) = below.split_first() else {
        table.insert(key.into(), value);
        return Some(());
    };
    let inner = table.entry(key).or_insert_with(|| Value::Table(Table::new())).as_table_mut()?;
    insert(inner, next, rest, value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(key: &str) -> Result<String, String> {
        let mut table: Table =
            "plugins = [{ name = 'gate', path = 'x.wasm' }, { path = 'build/chat.wasm', config = { a = 1 } }]"
                .parse()
                .expect("valid");
        set(&mut table, Table::from_iter([(key.to_owned(), Value::Integer(5))]))?;
        Ok(table["plugins"].to_string())
    }

    #[test]
    fn plugin_is_found_by_its_name_or_its_files() {
        let gate = after("gate.config.rate.burst").expect("set");
        assert!(gate.contains("name = \"gate\"") && gate.contains("config = { \"rate.burst\" = 5 }"), "{gate}");
        let chat = after("chat.limits.rooms").expect("set");
        assert!(chat.contains("limits = { rooms = 5 }") && chat.contains("a = 1"), "{chat}");
        let nested = after("chat.capabilities.http.timeout").expect("set");
        assert!(nested.contains("capabilities = { http = { timeout = 5 } }"), "{nested}");
    }

    #[test]
    fn mistakes_are_told() {
        assert!(after("gat.config.rate").is_err_and(|why| why.contains("there is gate, chat")));
        assert!(after("gate.rate").is_err_and(|why| why.contains("plugin.NAME.config.KEY")));
        assert!(after("chat.limits.a.b").is_ok());
    }
}
