//! The words of the language, and what is said when one is not known.

use crate::config::nearest;

/// What a connection does, or is found to be. Also said of several.
pub(super) const VERBS: [(&str, &str); 7] = [
    ("connects", "connect"),
    ("disconnects", "disconnect"),
    ("sends", "send"),
    ("gets", "get"),
    ("is", "are"),
    ("has", "have"),
    ("ignores", "ignore"),
];

/// What a step begins with that is not about a connection.
pub(super) const FIRST: [&str; 14] = [
    "advance", "publish", "reaches", "refused", "join", "leave", "close", "reload", "crash", "room", "plugin",
    "ignore", "upstream", "scenario",
];

/// Settings, and what continues a step.
pub(super) const OTHERS: [&str; 5] = ["config", "set", "header", "from", "piece"];

/// What a connection is.
pub(super) const STATES: [&str; 6] = ["answered", "rejected", "in", "not", "open", "closed"];

/// The verb in its first form.
pub(super) fn verb(word: &str) -> Option<&'static str> {
    VERBS.into_iter().find(|(one, several)| *one == word || *several == word).map(|(one, _)| one)
}

/// Whether a connection cannot have this name.
pub(super) fn is_reserved(word: &str) -> bool {
    FIRST.contains(&word) || OTHERS.contains(&word) || ["nobody", "self", "name", "and"].contains(&word)
}

/// A word is not one of those that can stand in its place.
pub(super) fn unknown(word: &str, known: &[&str]) -> String {
    match nearest(word, known.iter().copied()) {
        Some(meant) => format!("`{word}` is not known here: did you mean `{meant}`?"),
        None => format!("`{word}` is not known here; there are: {}", known.join(", ")),
    }
}

/// The first words of a step say nothing.
pub(super) fn no_step(first: &str, second: Option<&str>) -> String {
    let verbs: Vec<_> = VERBS.iter().map(|(one, _)| *one).collect();
    let meant_verb = second.and_then(|second| nearest(second, verbs.iter().copied()));
    let meant_first = nearest(first, FIRST.into_iter().chain(OTHERS));
    match (meant_first, meant_verb, second) {
        (_, Some(verb), Some(second)) => format!("`{second}` is not known: did you mean `{first} {verb}`?"),
        (Some(meant), ..) => format!("`{first}` is not known: did you mean `{meant}`?"),
        (_, _, second) => format!(
            "`{first}{}{}` is no step. A connection {}; other steps begin with: {}",
            if second.is_some() { " " } else { "" },
            second.unwrap_or_default(),
            verbs.join(", "),
            FIRST.join(", ")
        ),
    }
}
