//! What a scenario expects, or sends: JSON and text in which something may be left open, or be named.

use std::collections::BTreeMap;
use std::fmt::Write;

use serde_json::Number;

use super::normal;
use super::value::{Value, quoted};

/// What names stand for: `$ada` is the id of Ada's connection.
pub(super) type Variables = BTreeMap<String, Value>;

/// JSON, with parts that are left open.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Pattern {
    /// `_`
    Anything,
    Null,
    Bool(bool),
    Number(Number),
    Text(TextPattern),
    List(Vec<Pattern>, Rest),
    Object(Vec<(String, Pattern)>, Rest),
    /// `$name`
    Variable(String),
    /// `PATTERN as name`: from now on the name stands for what was found.
    Named(Box<Pattern>, String),
}

/// Whether a list or an object may have more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Rest {
    Nothing,
    /// `...`
    Anything,
}

/// A text.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum TextPattern {
    /// `"text"`
    Exactly(Template),
    /// `like "te*t"`: a star stands for any characters, or none.
    Like(Template),
}

/// A text with names in it.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Template(pub(super) Vec<Piece>);

/// A part of a text.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Piece {
    Text(String),
    /// `$name`
    Variable(String),
}

impl Template {
    /// The text, once names are what they stand for. One that stands for nothing stays as it is.
    pub(super) fn fill(&self, variables: &Variables) -> String {
        let piece = |piece: &Piece| match piece {
            Piece::Text(text) => text.clone(),
            Piece::Variable(name) => variables.get(name).map_or_else(|| format!("${name}"), Value::to_text),
        };
        self.0.iter().map(piece).collect()
    }

    /// The names in it.
    fn names<'a>(&'a self, found: &mut Vec<&'a str>) {
        found.extend(self.0.iter().filter_map(|piece| match piece {
            Piece::Variable(name) => Some(name.as_str()),
            Piece::Text(_) => None,
        }));
    }
}

impl TextPattern {
    pub(super) fn matches(&self, text: &str, variables: &Variables) -> bool {
        match self {
            Self::Exactly(template) => normal::text(&template.fill(variables)) == normal::text(text),
            Self::Like(template) => is_like(&normal::text(&template.fill(variables)), &normal::text(text)),
        }
    }

    /// The text, with its stars if it has some.
    pub(super) fn fill(&self, variables: &Variables) -> String {
        match self {
            Self::Exactly(template) | Self::Like(template) => template.fill(variables),
        }
    }

    /// As it is written in a scenario.
    pub(super) fn show(&self, variables: &Variables) -> String {
        match self {
            Self::Exactly(template) => quoted(&template.fill(variables)),
            Self::Like(template) => format!("like {}", quoted(&template.fill(variables))),
        }
    }

    pub(super) fn names<'a>(&'a self, found: &mut Vec<&'a str>) {
        match self {
            Self::Exactly(template) | Self::Like(template) => template.names(found),
        }
    }
}

impl Pattern {
    pub(super) fn matches(&self, value: &Value, variables: &Variables) -> bool {
        match (self, value) {
            (Self::Anything, _) | (Self::Null, Value::Null) => true,
            (Self::Named(pattern, _), value) => pattern.matches(value, variables),
            (Self::Variable(name), value) => variables.get(name).is_some_and(|known| equal(known, value)),
            (Self::Bool(expected), Value::Bool(found)) => expected == found,
            (Self::Number(expected), Value::Number(found)) => same_number(expected, found),
            (Self::Text(expected), Value::Text(found)) => expected.matches(found, variables),
            (Self::List(items, rest), Value::List(found)) => {
                let enough = found.len() == items.len() || (*rest == Rest::Anything && found.len() > items.len());
                enough && items.iter().zip(found).all(|(item, found)| item.matches(found, variables))
            }
            (Self::Object(members, rest), Value::Object(found)) => {
                let known = |key: &String| members.iter().any(|(expected, _)| expected == key);
                let all = members.iter().all(|(key, pattern)| {
                    Value::member(found, key).is_some_and(|value| pattern.matches(value, variables))
                });
                all && (*rest == Rest::Anything || found.iter().all(|(key, _)| known(key)))
            }
            _ => false,
        }
    }

    /// Whether everything fits.
    pub(super) fn is_open(&self) -> bool {
        match self {
            Self::Anything => true,
            Self::Named(pattern, _) => pattern.is_open(),
            _ => false,
        }
    }

    /// Let the names in it stand for what was found, which it matches.
    pub(super) fn name(&self, value: &Value, variables: &mut Variables) {
        match (self, value) {
            (Self::Named(pattern, name), value) => {
                pattern.name(value, variables);
                variables.insert(name.clone(), value.clone());
            }
            (Self::List(items, _), Value::List(found)) => {
                items.iter().zip(found).for_each(|(item, found)| item.name(found, variables));
            }
            (Self::Object(members, _), Value::Object(found)) => {
                for (key, pattern) in members {
                    if let Some(value) = Value::member(found, key) {
                        pattern.name(value, variables);
                    }
                }
            }
            _ => {}
        }
    }

    /// As it is written, on one line; which is JSON if nothing is left open.
    pub(super) fn show(&self, variables: &Variables) -> String {
        match self {
            Self::Anything => "_".into(),
            Self::Null => "null".into(),
            Self::Bool(value) => value.to_string(),
            Self::Number(number) => number.to_string(),
            Self::Text(text) => text.show(variables),
            Self::Variable(name) => variables.get(name).map_or_else(|| format!("${name}"), Value::to_string),
            Self::Named(pattern, name) => format!("{} as {name}", pattern.show(variables)),
            Self::List(items, rest) => {
                let items = items.iter().map(|item| item.show(variables));
                format!("[{}]", joined(items, *rest))
            }
            Self::Object(members, rest) => {
                let members = members.iter().map(|(key, value)| format!("{}:{}", quoted(key), value.show(variables)));
                format!("{{{}}}", joined(members, *rest))
            }
        }
    }

    /// What is left open in it, if anything: that cannot be sent.
    pub(super) fn left_open(&self) -> Option<&'static str> {
        let rest = |rest: &Rest| (*rest == Rest::Anything).then_some("...");
        match self {
            Self::Anything => Some("_"),
            Self::Named(..) => Some("as"),
            Self::Text(TextPattern::Like(_)) => Some("like"),
            Self::List(items, more) => items.iter().find_map(Self::left_open).or_else(|| rest(more)),
            Self::Object(members, more) => {
                members.iter().find_map(|(_, value)| value.left_open()).or_else(|| rest(more))
            }
            Self::Null | Self::Bool(_) | Self::Number(_) | Self::Text(_) | Self::Variable(_) => None,
        }
    }

    /// The names that it looks up, and those that it gives.
    pub(super) fn names<'a>(&'a self, used: &mut Vec<&'a str>, given: &mut Vec<&'a str>) {
        match self {
            Self::Anything | Self::Null | Self::Bool(_) | Self::Number(_) => {}
            Self::Text(text) => text.names(used),
            Self::Variable(name) => used.push(name),
            Self::Named(pattern, name) => {
                pattern.names(used, given);
                given.push(name);
            }
            Self::List(items, _) => items.iter().for_each(|item| item.names(used, given)),
            Self::Object(members, _) => members.iter().for_each(|(_, value)| value.names(used, given)),
        }
    }
}

fn joined(parts: impl Iterator<Item = String>, rest: Rest) -> String {
    let mut text = String::new();
    for part in parts.chain((rest == Rest::Anything).then(|| "...".into())) {
        let comma = if text.is_empty() { "" } else { "," };
        write!(text, "{comma}{part}").expect("writing to a text does not fail");
    }
    text
}

/// `1` and `1.0` are one number, and so are those that differ behind the 15th digit: languages differ in what they write.
fn same_number(one: &Number, other: &Number) -> bool {
    let close =
        |one: f64, other: f64| one == other || (one - other).abs() <= 4.0 * f64::EPSILON * one.abs().max(other.abs());
    let floats = one.as_f64().zip(other.as_f64()).filter(|_| one.is_f64() || other.is_f64());
    one == other || floats.is_some_and(|(one, other)| close(one, other))
}

/// Whether values are the same; the order of members does not count.
fn equal(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Number(one), Value::Number(other)) => same_number(one, other),
        (Value::Text(one), Value::Text(other)) => normal::text(one) == normal::text(other),
        (Value::List(one), Value::List(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| equal(one, other))
        }
        (Value::Object(one), Value::Object(other)) => {
            let has =
                |(key, value): &(String, Value)| Value::member(other, key).is_some_and(|other| equal(value, other));
            one.len() == other.len() && one.iter().all(has)
        }
        (one, other) => one == other,
    }
}

/// Whether a text is what a pattern with stars says.
pub(super) fn is_like(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('*');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = text.strip_prefix(first) else { return false };
    let Some(last) = parts.next_back() else { return rest.is_empty() };
    for part in parts {
        match rest.find(part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_anything() {
        for (pattern, text) in
            [("*", ""), ("a*", "a"), ("*b", "ab"), ("a*c*e", "abcde"), ("*üb*", "drüber"), ("a", "a")]
        {
            assert!(is_like(pattern, text), "{pattern} {text}");
        }
        for (pattern, text) in [("a", "ab"), ("a*", "ba"), ("ab*ba", "aba"), ("*c*", "ab"), ("a*b*a", "aa")] {
            assert!(!is_like(pattern, text), "{pattern} {text}");
        }
    }

    #[test]
    fn numbers_are_compared_as_numbers() {
        let number = |text: &str| serde_json::from_str::<Number>(text).expect("a number");
        assert!(same_number(&number("1"), &number("1.0")));
        assert!(same_number(&number("0.3"), &number("0.30000000000000004")));
        assert!(same_number(&number("1e21"), &number("1000000000000000000000")));
        assert!(!same_number(&number("0.3"), &number("0.3000001")));
        assert!(!same_number(&number("1"), &number("2")));
        assert!(!same_number(&number("9007199254740993"), &number("9007199254740992")), "not as floats");
    }
}
