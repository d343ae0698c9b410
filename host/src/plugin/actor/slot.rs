//! Which plugin of the chain it is.

/// A plugin's place in the chain. It keeps it from when it comes in until it is taken out, whatever is reloaded or moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(in crate::plugin) struct SlotId(pub(in crate::plugin) u32);
