//! Tests of the crate as a whole: its copy of the contract, and the fake hub as an author uses it.

mod contract;
mod hooks;
mod rules;
