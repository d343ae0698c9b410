//! The plugins, for people.

use std::time::{Duration, SystemTime};

use serde_json::Value;

use crate::cli::printable::{one_line, printable};
use crate::units;

/// One line for each plugin, and one more for what is out of the ordinary.
pub(super) fn plugins(plugins: &Value) -> String {
    let Some(plugins) = plugins.as_array().filter(|plugins| !plugins.is_empty()) else {
        return "the server runs no plugins".into();
    };
    let head = ["PLUGIN", "STATE", "GENERATION", "HASH", "FOR", "CALLS", "FAILED", "MEMORY"].map(str::to_owned);
    let mut rows = vec![head];
    rows.extend(plugins.iter().map(row));
    let widths: [usize; 8] =
        std::array::from_fn(|column| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0));
    let mut lines = Vec::new();
    for (number, row) in rows.iter().enumerate() {
        let cells = row.iter().zip(widths).map(|(cell, width)| format!("{cell:width$}"));
        lines.push(cells.collect::<Vec<_>>().join("  ").trim_end().to_owned());
        if let Some(plugin) = number.checked_sub(1).map(|number| &plugins[number]) {
            lines.extend(remarks(plugin).into_iter().map(|remark| format!("  {remark}")));
        }
    }
    lines.join("\n")
}

fn row(plugin: &Value) -> [String; 8] {
    let text = |key: &str| one_line(plugin[key].as_str().unwrap_or_default());
    let number = |key: &str| plugin[key].as_u64().unwrap_or_default();
    let memory = usize::try_from(number("memory_bytes")).unwrap_or(usize::MAX);
    [
        text("name"),
        text("state"),
        number("generation").to_string(),
        short(&plugin["hash"]),
        age(&plugin["since"]),
        number("calls").to_string(),
        (number("traps") + number("timeouts")).to_string(),
        units::size::format(memory),
    ]
}

fn remarks(plugin: &Value) -> Vec<String> {
    let mut remarks = Vec::new();
    let canary = &plugin["canary"];
    if canary.is_object() {
        remarks.push(format!(
            "on trial: generation {} ({}), {} of new connections, {} now; {} calls, {} failed",
            canary["generation"],
            short(&canary["hash"]),
            one_line(canary["share"].as_str().unwrap_or_default()),
            canary["connections"],
            canary["calls"],
            canary["failures"]
        ));
    }
    let last = &plugin["last_reload"];
    if let (Some(outcome), Some(reason)) = (last["outcome"].as_str(), last["reason"].as_str()) {
        remarks.push(format!("{} {} ago: {}", one_line(outcome), age(&last["at"]), indented(reason)));
    }
    if plugin["state"] != "running"
        && let Some(why) = plugin["last_error"].as_str()
        && last["reason"].as_str() != Some(why)
    {
        remarks.push(format!("last error: {}", indented(why)));
    }
    remarks
}

fn short(hash: &Value) -> String {
    one_line(hash.as_str().and_then(|hash| hash.get(..12)).unwrap_or_default())
}

/// Words of a plugin, whose further lines stand so far in that none looks like one of the table.
fn indented(text: &str) -> String {
    printable(text).replace('\n', "\n      ")
}

/// How long ago, to the second.
fn age(since: &Value) -> String {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_secs();
    let age = now.saturating_sub(since.as_u64().unwrap_or(now));
    humantime::format_duration(Duration::from_secs(age)).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_aligned_and_what_is_odd_is_said() {
        let all = serde_json::json!([
            { "name": "guard", "state": "running", "generation": 1, "hash": "0123456789abcdef", "since": 0, "calls": 10,
              "traps": 1, "timeouts": 2, "memory_bytes": 65536, "canary": null, "last_reload": null },
            { "name": "a-longer-name", "state": "rolled-back", "generation": 12, "hash": "fedcba9876543210", "since": 0,
              "calls": 1, "traps": 0, "timeouts": 0, "memory_bytes": 0,
              "last_reload": { "at": 0, "outcome": "rolled-back", "reason": "it trapped" },
              "last_error": "a trap", "canary": null },
        ]);
        let text = plugins(&all);
        let lines: Vec<_> = text.lines().collect();
        assert_eq!(lines.len(), 5, "{text}");
        let column = |line: &str, text: &str| line.find(text).expect(text);
        assert_eq!(column(lines[0], "STATE"), column(lines[1], "running"));
        assert_eq!(column(lines[0], "STATE"), column(lines[2], "rolled-back"));
        assert_eq!(column(lines[0], "FAILED"), lines[1].rfind("  3  ").expect("failures") + 2);
        assert!(lines[3].contains("rolled-back") && lines[3].contains("it trapped"), "{text}");
        assert!(lines[4].contains("last error: a trap"), "{text}");
        assert!(plugins(&serde_json::json!([])).contains("no plugins"));
    }

    #[test]
    fn a_plugin_makes_no_lines_of_its_own() {
        let text = plugins(&serde_json::json!([
            { "name": "a", "state": "failed", "last_error": "no\u{1b}[2J\nguard  running", "last_reload": null },
        ]));
        assert!(text.ends_with("last error: no\\u{1b}[2J\n      guard  running"), "{text}");
    }
}
