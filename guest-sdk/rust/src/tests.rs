//! Tests of the crate as a whole, through the fake hub.

mod fetch;
mod hooks;
mod rules;
mod store;
