//! Tests of the crate as a whole: the fake hub as an author uses it.

mod fetch;
mod hooks;
mod rules;
mod store;
