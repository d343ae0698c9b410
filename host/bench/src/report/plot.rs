//! How a figure grows, to be drawn.

mod axis;
mod svg;

/// What a finding shows over a size: one line for each server or kind.
#[derive(Clone, Debug)]
pub(crate) struct Plot {
    /// The file's name without its ending.
    pub(crate) name: &'static str,
    pub(crate) title: String,
    /// What grows, with its unit.
    pub(crate) across: &'static str,
    /// What it costs, with its unit.
    pub(crate) up: &'static str,
    pub(crate) lines: Vec<Line>,
}

/// One line of a plot: points from left to right.
#[derive(Clone, Debug)]
pub(crate) struct Line {
    pub(crate) name: String,
    pub(crate) points: Vec<(f64, f64)>,
}
