//! How much is measured: the arguments with everything filled in.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use crate::servers::subject::Subject;

/// What all cases are told.
#[derive(Clone)]
pub(crate) struct Plan {
    pub(crate) subjects: Vec<Subject>,
    /// What the user has said.
    pub(crate) subscribers: Option<usize>,
    pub(crate) rounds: usize,
    /// The size of an event's data, in bytes.
    pub(crate) bytes: usize,
    /// How long events are published in one round.
    pub(crate) sample: Duration,
    pub(crate) quick: bool,
    /// What failed while it was measured; one list for all clones.
    pub(crate) failed: Rc<RefCell<Vec<String>>>,
}

impl Plan {
    /// Says that something failed while it was measured: now, and once more at the end.
    pub(crate) fn leave_out(&self, line: String) {
        eprintln!("{line}");
        self.failed.borrow_mut().push(line);
    }

    /// How many streams to open: what the user said, else `usual`, or `quick` for a look.
    pub(crate) fn subscribers(&self, usual: usize, quick: usize) -> usize {
        self.subscribers.unwrap_or(if self.quick { quick } else { usual })
    }
}
