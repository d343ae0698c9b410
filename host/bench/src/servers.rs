//! The servers that are measured: where they are, and how each is started.

pub(crate) mod bare_loop;
pub(crate) mod child;
mod peers;
pub(crate) mod places;
pub(crate) mod running;
pub(crate) mod setup;
pub(crate) mod subject;
pub(crate) mod test_bed;
