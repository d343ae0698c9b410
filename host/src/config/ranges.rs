//! Each key has a range, also those that are still to come: the tests go through all that a configuration has.

use toml::{Table, Value};

use super::Config;

/// All keys that a plugin's entry can have with a range.
const PLUGIN: &str = "path = 'x.wasm'\ncheckpoint = '10s'\ncanary_time = '1h'\ninstances = 2\n\
    rollback = { failures = 3, window = '1m' }\nlimits = {}\n\
    capabilities = { http = { allow = ['a.example'] }, keyvalue = {} }";
/// Durations that may be nothing, which is off or at once.
const OFF: [&str; 7] = [
    "endpoint.retry",
    "server.bodies_wait",
    "server.drain",
    "server.drain_delay",
    "hub.keepalive",
    "reload.debounce",
    "plugins.rollback.window",
];
/// Numbers of which 0 is one.
const NONE: [&str; 9] = [
    "history.events",
    "compiler.processes",
    "plugins.rollback.failures",
    "plugins.limits.table_elements",
    "plugins.limits.host_calls",
    "plugins.limits.timers",
    "plugins.limits.rooms",
    "plugins.limits.broadcasts",
    "plugins.limits.log_lines",
];
/// Sizes of which 0 is one: nothing of that is let in, or written.
const EMPTY: [&str; 10] = [
    "plugins.capabilities.http.total_request_bytes",
    "limits.tag_bytes",
    "limits.input_bytes",
    "plugins.limits.state_bytes",
    "plugins.limits.timer_token",
    "plugins.limits.answer_bytes",
    "plugins.limits.log_bytes",
    "plugins.capabilities.http.request_bytes",
    "plugins.capabilities.http.response_bytes",
    "plugins.capabilities.http.stream_bytes",
];

/// What kind of value a key has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum KeyKind {
    Duration,
    Size,
    Number,
}

fn kind(value: &Value) -> Option<KeyKind> {
    match value {
        Value::Integer(_) => Some(KeyKind::Number),
        Value::String(text) if humantime::parse_duration(text).is_ok() => Some(KeyKind::Duration),
        Value::String(text) if text.parse::<bytesize::ByteSize>().is_ok() => Some(KeyKind::Size),
        _ => None,
    }
}

/// All that can be configured, with its defaults.
fn everything() -> Table {
    let plugins = Some(vec![toml::from_str(PLUGIN).expect("a valid entry")]);
    let config = Config { plugins, ..Config::default() };
    let mut all = Table::try_from(config).expect("every value has a form in TOML");
    let plugin = all.remove("plugins").and_then(|plugins| plugins.as_array().and_then(|all| all.first().cloned()));
    all.insert("plugins".into(), plugin.expect("an entry"));
    all
}

/// The keys below a table, each with its kind.
fn keys(table: &Table, above: &str) -> Vec<(String, KeyKind)> {
    let keys = table.iter().flat_map(|(key, value)| {
        let path = if above.is_empty() { key.clone() } else { format!("{above}.{key}") };
        match value {
            Value::Table(table) => keys(table, &path),
            value => kind(value).map(|kind| (path, kind)).into_iter().collect(),
        }
    });
    keys.collect()
}

/// What is said when a key has this value.
fn with(key: &str, value: &str) -> Result<(), String> {
    let mut all = everything();
    let (tables, last) = key.rsplit_once('.').expect("in a table");
    let table = tables.split('.').try_fold(&mut all, |table, name| table.get_mut(name)?.as_table_mut());
    let value = format!("value = {value}").parse::<Table>().expect("a value")["value"].clone();
    table.expect("the table").insert(last.into(), value);
    let plugin = all.remove("plugins").expect("an entry");
    all.insert("plugins".into(), Value::Array(vec![plugin]));
    let environment = std::iter::empty();
    Config::from_layers(None, environment, all).map(drop)
}

/// It is refused, and the text says what, where, and what would be right.
fn is_refused(key: &str, value: &str) {
    let why = with(key, value).expect_err(&format!("{key} = {value}"));
    let last = key.rsplit('.').next().expect("a name");
    assert!(why.contains(&format!("{last}`")), "{key} = {value}: {why}");
    assert!(
        ["out of range: ", "expected a nonzero", "1 to 128 bits"].iter().any(|words| why.contains(words)),
        "{key} = {value}: {why}"
    );
}

#[test]
fn no_duration_is_beyond_what_clocks_can_count() {
    let all: Vec<_> = keys(&everything(), "").into_iter().filter(|(_, kind)| *kind == KeyKind::Duration).collect();
    assert!(all.len() >= 19, "{all:?}");
    for (key, _) in &all {
        for value in ["'1ns'", "'31d'", "'584y'", "'500000000000y'"] {
            is_refused(key, value);
        }
        if OFF.contains(&key.as_str()) {
            assert_eq!(with(key, "'0s'"), Ok(()))
        } else {
            is_refused(key, "'0s'")
        }
        assert_eq!(with(key, "'1h'"), Ok(()), "{key}");
    }
}

#[test]
fn no_size_is_beyond_what_machines_have_and_none_is_nothing_where_nothing_would_work() {
    let all: Vec<_> = keys(&everything(), "").into_iter().filter(|(_, kind)| *kind == KeyKind::Size).collect();
    assert!(all.len() >= 20, "{all:?}");
    for (key, _) in &all {
        is_refused(key, "'2TiB'");
        is_refused(key, "9223372036854775807");
        if EMPTY.contains(&key.as_str()) {
            assert_eq!(with(key, "0"), Ok(()), "{key}")
        } else {
            is_refused(key, "'0B'")
        }
        assert_eq!(with(key, "'256MiB'"), Ok(()), "{key}");
    }
}

#[test]
fn no_number_is_none_where_nothing_would_work() {
    let all: Vec<_> = keys(&everything(), "").into_iter().filter(|(_, kind)| *kind == KeyKind::Number).collect();
    assert!(all.len() >= 15, "{all:?}");
    for (key, _) in &all {
        if NONE.contains(&key.as_str()) {
            assert_eq!(with(key, "0"), Ok(()), "{key}")
        } else {
            is_refused(key, "0")
        }
        assert_eq!(with(key, "50"), Ok(()), "{key}");
    }
}
