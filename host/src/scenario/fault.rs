//! What a scenario has found.

use super::diff::Line;

/// A step did not go as it is written.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Fault {
    pub(super) why: String,
    pub(super) diff: Vec<Line>,
    pub(super) notes: Vec<Note>,
}

/// What is worth knowing beside it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Note {
    pub(super) title: String,
    pub(super) lines: Vec<String>,
}

/// The same, with the step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Failure {
    pub(super) line: usize,
    pub(super) source: String,
    pub(super) fault: Fault,
}

impl Fault {
    pub(super) fn new(why: impl Into<String>) -> Self {
        Self { why: why.into(), ..Self::default() }
    }

    pub(super) fn with_diff(self, diff: Vec<Line>) -> Self {
        Self { diff, ..self }
    }

    /// Add a note, if it says anything.
    pub(super) fn with_note(mut self, title: impl Into<String>, lines: Vec<String>) -> Self {
        if !lines.is_empty() {
            self.notes.push(Note { title: title.into(), lines });
        }
        self
    }
}
