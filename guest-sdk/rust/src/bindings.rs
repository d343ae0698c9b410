//! The bindings of the contract, made by `bindings.sh`. Private: the other modules define the public API.
#![allow(warnings, reason = "generated code")]
#![allow(unsafe_code, reason = "generated code: lifts and lowers values at the component boundary")]

/// Capabilities that an operator may grant. A component imports only those that it uses.
#[cfg(target_family = "wasm")]
pub mod capabilities;
/// Drafts of WASI that the host offers. A component that uses none of it does not import it.
pub mod drafts;
mod imports;

pub use imports::roomcast;

/// The exports, one world for each hook. Only its own `export!` macro links in the component type of a hook, so the component
/// exports only the hooks that are named.
pub mod exports {
    pub mod connect;
    pub mod disconnect;
    pub mod fetch_events;
    pub mod lifecycle;
    pub mod message;
    pub mod publish;
    pub mod room;
    pub mod state;
    pub mod timer;
}

/// The interfaces of the hooks: what a component implements, and the types that are a hook's own.
pub mod interfaces {
    pub use super::exports::connect::exports::roomcast::plugin::connect;
    pub use super::exports::disconnect::exports::roomcast::plugin::disconnect;
    pub use super::exports::fetch_events::exports::roomcast::plugin::fetch_events;
    pub use super::exports::lifecycle::exports::roomcast::plugin::lifecycle;
    pub use super::exports::message::exports::roomcast::plugin::message;
    pub use super::exports::publish::exports::roomcast::plugin::publish;
    pub use super::exports::room::exports::roomcast::plugin::room;
    pub use super::exports::state::exports::roomcast::plugin::state;
    pub use super::exports::timer::exports::roomcast::plugin::timer;
}
