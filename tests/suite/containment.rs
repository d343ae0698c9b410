//! A bad plugin beside a good one. For each way to misbehave: what the others notice (nothing), what the operator sees, and
//! what the connection gets that was concerned.

mod calls;
mod chance;
mod excess;
mod log;
mod stage;
mod state;
mod waiting;
