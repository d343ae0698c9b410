//! What is read while servers run: CPU and memory of a process, of the kernel, and the server's own counters.

pub(crate) mod counters;
pub(crate) mod kernel;
pub(crate) mod usage;
