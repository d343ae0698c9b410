//! What a plugin may call: one file for each interface.
//!
//! Every call checks its arguments, does its work at once, and answers. What is wrong is an error of the contract, never
//! a trap.

mod config;
mod fetch;
mod hub;
mod keyvalue;
mod logging;
mod streams;
mod timers;

pub(super) use streams::StandardStream;
