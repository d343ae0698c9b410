//! The contract with plugins: the bindings that are generated from `wit/`, and the messages that are passed on.

pub(in crate::plugin) mod bindings;
pub(in crate::plugin) mod messages;
