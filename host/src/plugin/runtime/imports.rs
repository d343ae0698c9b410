//! What a plugin may call: one file for each interface.
//!
//! Every call checks its arguments, does its work at once, and answers. What is wrong is an error of the contract, never
//! a trap.

pub(in crate::plugin) mod fetch;
pub(in crate::plugin) mod files;
pub(in crate::plugin) mod http;
pub(in crate::plugin) mod keyvalue;
mod stdio;
pub(in crate::plugin) mod timers;

mod config;
mod hub;
mod logging;

pub(in crate::plugin) use stdio::StandardStream;
