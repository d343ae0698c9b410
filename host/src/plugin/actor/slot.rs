//! Which plugin of the chain an actor belongs to.

/// A plugin's place in the chain: the same from when the plugin comes in until it is taken out, whatever is reloaded or
/// moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(in crate::plugin) struct SlotId(pub(in crate::plugin) u32);
