//! Tests of the crate as a whole: the fake hub as an author uses it.

mod hooks;
mod rules;
mod store;
