//! "Did you mean": from what serde says about an unknown key to what a person can act on.

/// The known name that looks most like `name`, if one is close enough to be meant.
pub(crate) fn nearest<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let scored = known.map(|candidate| (strsim::jaro_winkler(name, candidate), candidate));
    scored.filter(|(score, _)| *score > 0.8).max_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, candidate)| candidate)
}

/// Rewrite serde's message about an unknown key; other messages stay as they are.
pub(super) fn explain(message: &str) -> String {
    let quoted: Vec<&str> = message.split('`').skip(1).step_by(2).collect();
    let (Some(unknown), Some(known)) = (message.strip_prefix("unknown field").and(quoted.first()), quoted.get(1..))
    else {
        return message.to_owned();
    };
    match nearest(unknown, known.iter().copied()) {
        Some(meant) => format!("the key `{unknown}` is not known: did you mean `{meant}`?"),
        None => format!("the key `{unknown}` is not known; there are: {}", known.join(", ")),
    }
}
