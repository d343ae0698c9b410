//! The contract with plugins: the bindings that are generated from `wit/`, and the messages that are passed on.

pub(in crate::plugin) mod bindings;
mod hook;
pub(in crate::plugin) mod messages;

pub(in crate::plugin) use hook::Hook;
