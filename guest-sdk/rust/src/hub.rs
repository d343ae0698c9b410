//! Rooms as a whole. No call blocks, and none calls a hook; what one instance does is seen by every client in the
//! order of its calls.

mod stream;

use crate::{Connection, Error, Event, host};

pub use crate::bindings::roomcast::plugin::hub::{Duplicates, Page};

/// Send an event to every member of a room. All members see one order. The answer is the number of receivers; 0 for a
/// room that does not exist.
///
/// # Errors
/// When the room's name or the event breaks a rule.
pub fn broadcast(room: &str, event: &Event) -> Result<u32, Error> {
    host::broadcast(room, event, None)
}

/// As [`broadcast`], to all members but one.
///
/// # Errors
/// Those of [`broadcast`].
pub fn broadcast_except(room: &str, event: &Event, except: Connection) -> Result<u32, Error> {
    host::broadcast(room, event, Some(except))
}

/// Send an event to every member of several rooms (at most 1,000), except one if wished. The answer is the number of
/// deliveries.
///
/// # Errors
/// When a room's name or the event breaks a rule, or there are too many rooms.
pub fn broadcast_many(
    rooms: &[impl AsRef<str>],
    event: &Event,
    except: Option<Connection>,
    duplicates: Duplicates,
) -> Result<u32, Error> {
    let rooms: Vec<String> = rooms.iter().map(|room| room.as_ref().to_owned()).collect();
    host::broadcast_many(&rooms, event, except, duplicates)
}

/// A part of a room's members.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Members {
    /// The members; their order changes when one leaves.
    pub members: Vec<Connection>,
    /// How many the room has in all.
    pub total: u32,
}

/// The members of a room, page by page (at most 1,000 on one). Empty for a room that does not exist.
///
/// # Errors
/// When the room's name breaks a rule, or the page is too long.
pub fn members(room: &str, page: Page) -> Result<Members, Error> {
    let (members, total) = host::members(room, page)?;
    Ok(Members { members, total })
}

/// How many members a room has.
///
/// # Errors
/// When the room's name breaks a rule.
pub fn count(room: &str) -> Result<u32, Error> {
    host::count(room)
}
