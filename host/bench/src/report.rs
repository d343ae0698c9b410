//! What is left of a run: tables, plots, and the page with both.

pub(crate) mod markdown;
pub(crate) mod plot;
pub(crate) mod results;
pub(crate) mod table;
