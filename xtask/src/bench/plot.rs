//! How a figure grows, to be drawn.

mod axis;
mod svg;

/// What a finding shows over a size: one line for each server or kind.
#[derive(Clone, Debug)]
pub(super) struct Plot {
    /// The file's name without its ending.
    pub(super) name: &'static str,
    pub(super) title: String,
    /// What grows, with its unit.
    pub(super) across: &'static str,
    /// What it costs, with its unit.
    pub(super) up: &'static str,
    pub(super) lines: Vec<Line>,
}

/// One line of a plot: points from left to right.
#[derive(Clone, Debug)]
pub(super) struct Line {
    pub(super) name: String,
    pub(super) points: Vec<(f64, f64)>,
}
