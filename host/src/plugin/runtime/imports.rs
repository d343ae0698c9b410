//! What a plugin may call: one file, or folder, for each capability.
//!
//! Every call checks its arguments, does its work at once, and answers. What is wrong is an error of the contract, never
//! a trap.
//!
//! A capability implements its interface for a view of its own (`HubHost`, `TimersHost`, ...), which borrows from the
//! data of the store what a call works on. So no capability knows the store, nor what else lies in it. For the linker the
//! view stands for itself: as [`wasmtime::component::HasData`], whose data it is.

pub(in crate::plugin) mod calls;

pub(in crate::plugin) mod config;
pub(in crate::plugin) mod crypto;
pub(in crate::plugin) mod fetch;
pub(in crate::plugin) mod files;
pub(in crate::plugin) mod http;
pub(in crate::plugin) mod hub;
pub(in crate::plugin) mod keyvalue;
pub(in crate::plugin) mod logging;
pub(in crate::plugin) mod request;
pub(in crate::plugin) mod stdio;
pub(in crate::plugin) mod timers;
