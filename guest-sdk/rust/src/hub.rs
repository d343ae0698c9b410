//! Operations on rooms. No call blocks, and none triggers a hook. Every client sees the effects of one instance in the
//! order of its calls.

mod stream;

use crate::{Connection, Error, Event, host};

pub use crate::bindings::roomcast::plugin::hub::{Cursor, Duplicates};
pub use crate::members::Members;

/// Send an event to all members of a room. All members see events in the same order. Returns the number of receivers; 0
/// if the room does not exist.
///
/// # Errors
/// If the room's name or the event is invalid, or `limits.broadcasts` is exceeded.
pub fn broadcast(room: &str, event: &Event) -> Result<u32, Error> {
    host::broadcast(room, event, None)
}

/// Like [`broadcast`], to all members except one.
///
/// # Errors
/// Those of [`broadcast`].
pub fn broadcast_except(room: &str, event: &Event, except: Connection) -> Result<u32, Error> {
    host::broadcast(room, event, Some(except))
}

/// Send an event to all members of several rooms (at most 1,000), optionally except one. Returns the number of deliveries.
///
/// # Errors
/// If a room's name or the event is invalid, there are too many rooms, or `limits.broadcasts` is exceeded.
pub fn broadcast_many(
    rooms: &[impl AsRef<str>],
    event: &Event,
    except: Option<Connection>,
    duplicates: Duplicates,
) -> Result<u32, Error> {
    let rooms: Vec<String> = rooms.iter().map(|room| room.as_ref().to_owned()).collect();
    host::broadcast_many(&rooms, event, except, duplicates)
}

/// The members of a room, page by page, at most `limit` (1 to 1,000) on one; the first page begins at no cursor. Empty for
/// a room that does not exist. A member that stays in the room from the first page to the last is never left out, though
/// it may come twice when others leave between two pages.
///
/// # Errors
/// When the room's name breaks a rule, or the page is too long.
pub fn members(room: &str, at: Option<Cursor>, limit: u32) -> Result<Members, Error> {
    host::members(room, at, limit)
}

/// The number of members in a room.
///
/// # Errors
/// If the room's name is invalid.
pub fn count(room: &str) -> Result<u32, Error> {
    host::count(room)
}
