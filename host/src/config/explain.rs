//! From what serde and TOML say to what a person can act on.

/// The known name that looks most like `name`, if one is close enough to be meant.
pub(crate) fn nearest<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let scored = known.map(|candidate| (strsim::jaro_winkler(name, candidate), candidate));
    scored.filter(|(score, _)| *score > 0.8).max_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, candidate)| candidate)
}

/// Rewrite a message of serde's in the words of TOML's readers; what is not known here stays as it is.
pub(super) fn explain(message: &str) -> String {
    let quoted: Vec<&str> = message.split('`').skip(1).step_by(2).collect();
    match (message.split(' ').take(2).collect::<Vec<_>>().as_slice(), quoted.as_slice()) {
        (["unknown", "field"], [unknown, known @ ..]) => match nearest(unknown, known.iter().copied()) {
            Some(meant) => format!("the key `{unknown}` is not known: did you mean `{meant}`?"),
            None => format!("the key `{unknown}` is not known; there are: {}", known.join(", ")),
        },
        (["unknown", "variant"], [unknown, known @ ..]) => {
            let known: Vec<_> = known.iter().map(|value| format!("\"{value}\"")).collect();
            format!("\"{unknown}\" is none of its values: {}", known.join(", "))
        }
        (["missing", "field"], [missing, ..]) => format!("the key `{missing}` is missing"),
        (["invalid", "type:" | "value:"], _) => mismatch(message).unwrap_or_else(|| message.to_owned()),
        _ => message.to_owned(),
    }
}

/// `invalid type: string "x", expected u64`.
fn mismatch(message: &str) -> Option<String> {
    let (_, rest) = message.split_once(": ")?;
    let (found, wanted) = rest.rsplit_once(", expected ")?;
    if found == "integer `0`" && wanted.starts_with("a nonzero") {
        return Some("0 is out of range: at least 1".into());
    }
    Some(format!("expected {}, found {}", self::wanted(wanted), self::found(found)))
}

/// What a key takes, with an example.
fn wanted(wanted: &str) -> &str {
    match wanted.trim_start_matches("a nonzero ") {
        "u8" | "u16" | "u32" | "u64" | "usize" | "i8" | "i16" | "i32" | "i64" | "isize" => "a whole number such as 8",
        "f32" | "f64" => "a number such as 0.5",
        "a boolean" => "true or false",
        "a string" | "string or map" | "path string" => "a text in quotes, such as \"text\"",
        "a sequence" => "a list such as [\"a\", \"b\"]",
        "a map" => "a table",
        struct_ if struct_.starts_with("struct ") => "a table",
        other => other,
    }
}

/// What stands there.
fn found(found: &str) -> String {
    match found.split_once(' ') {
        Some(("string", text)) => format!("the text {text}"),
        Some(("integer", number)) => format!("the number {}", number.split('`').nth(1).unwrap_or(number)),
        Some(("floating", number)) => format!("the number {}", number.split('`').nth(1).unwrap_or(number)),
        Some(("boolean", value)) => value.trim_matches('`').to_owned(),
        None if found == "sequence" => "a list".into(),
        None if found == "map" => "a table".into(),
        _ => found.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_in_words_of_toml() {
        for (message, words) in [
            ("unknown field `a`, expected `b`", "the key `a` is not known; there are: b"),
            (
                "unknown variant `yaml`, expected `human` or `json`",
                "\"yaml\" is none of its values: \"human\", \"json\"",
            ),
            ("missing field `path`", "the key `path` is missing"),
            (
                "invalid type: string \"x, y\", expected u64",
                "expected a whole number such as 8, found the text \"x, y\"",
            ),
            (
                "invalid type: integer `5`, expected a string",
                "expected a text in quotes, such as \"text\", found the number 5",
            ),
            ("invalid value: integer `0`, expected a nonzero usize", "0 is out of range: at least 1"),
            ("invalid value: integer `-1`, expected u32", "expected a whole number such as 8, found the number -1"),
            ("invalid type: map, expected a sequence", "expected a list such as [\"a\", \"b\"], found a table"),
            ("invalid type: sequence, expected a boolean", "expected true or false, found a list"),
            ("invalid type: boolean `true`, expected struct Config", "expected a table, found true"),
            (
                "invalid type: integer `5`, expected a duration such as \"15s\"",
                "expected a duration such as \"15s\", found the number 5",
            ),
            ("\"soon\" is not a duration", "\"soon\" is not a duration"),
        ] {
            assert_eq!(explain(message), words);
        }
    }
}
