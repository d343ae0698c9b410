//! Names that people choose, for themselves and for rooms.

use roomcast_sdk::Connection;

const MAX_CHARS: usize = 40;
/// The server's own rooms start with this, such as `__all`.
const RESERVED: &str = "__";

/// A person's name, trimmed.
///
/// # Errors
/// If it is empty, too long, or contains control characters.
pub(crate) fn person(name: &str) -> Result<Box<str>, String> {
    checked("name", name)
}

/// A room's name, trimmed.
///
/// # Errors
/// If it is empty, too long, contains control characters, or is one of the server's own.
pub(crate) fn room(name: &str) -> Result<Box<str>, String> {
    let name = checked("room", name)?;
    if name.starts_with(RESERVED) {
        return Err(format!("`room`: names that start with {RESERVED} are the server's own, take another"));
    }
    Ok(name)
}

/// The default name.
pub(crate) fn guest(connection: Connection) -> Box<str> {
    let id = connection.to_string();
    format!("guest-{}", &id[..4]).into()
}

fn checked(what: &str, name: &str) -> Result<Box<str>, String> {
    let name = name.trim();
    let problem = if name.is_empty() {
        "must not be empty"
    } else if name.chars().nth(MAX_CHARS).is_some() {
        "is at most 40 characters long"
    } else if name.contains(char::is_control) {
        "must not contain control characters"
    } else {
        return Ok(name.into());
    };
    Err(format!("`{what}` {problem}"))
}
