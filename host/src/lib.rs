//! x
pub mod event;
pub mod hub;
mod metrics;
pub mod units;
