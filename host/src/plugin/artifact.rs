//! Native code of plugins: compiled in a process of its own, kept in a folder, checked before it is loaded.

pub(in crate::plugin) mod cache;
pub(in crate::plugin) mod compiler;
mod folder;
mod functions;
pub(in crate::plugin) mod native;
