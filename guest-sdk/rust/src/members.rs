//! [`Members`]: a page of a room's members.

use crate::Connection;
use crate::bindings::roomcast::plugin::hub::Cursor;

/// A part of a room's members.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Members {
    /// The members, in no particular order.
    pub members: Vec<Connection>,
    /// How many the room has in all.
    pub total: u32,
    /// Where the next page begins; none after the last.
    pub next: Option<Cursor>,
}
