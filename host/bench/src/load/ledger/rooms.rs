//! The check of delivery where every event is for a room of its own size.

use anyhow::{Result, bail};

use super::Progress;

/// How many receivers of each event have yet to get it.
///
/// One publisher, one event after the other: so each stream gets events in the order of their numbers, each as many times
/// as its room has members, and no stream one of them twice.
#[derive(Default)]
pub(crate) struct RoomsLedger {
    left: Vec<u32>,
    complete: usize,
}

impl RoomsLedger {
    /// The number of a new event, which may arrive from now on.
    pub(crate) fn publish(&mut self, receivers: u32) -> u32 {
        self.left.push(receivers);
        self.complete += usize::from(receivers == 0);
        u32::try_from(self.left.len() - 1).expect("invariant: a run publishes far fewer than 2^32 events")
    }

    /// Notes that a stream got an event.
    ///
    /// # Errors
    /// When it is not due.
    pub(crate) fn receive(&mut self, progress: &mut Progress, number: u32) -> Result<()> {
        if (number as usize) < progress.0 {
            bail!("got event {number} again or late");
        }
        progress.0 = number as usize + 1;
        match self.left.get_mut(number as usize) {
            None => bail!("got event {number}, which was not published"),
            Some(0) => bail!("got event {number}, which all members of its room have"),
            Some(left) => {
                *left -= 1;
                self.complete += usize::from(*left == 0);
            }
        }
        Ok(())
    }

    /// How many events were published.
    pub(crate) fn published(&self) -> usize {
        self.left.len()
    }

    /// How many events all have who are to have them.
    pub(crate) fn complete(&self) -> usize {
        self.complete
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_repeated_or_too_much_is_noticed() {
        let mut ledger = RoomsLedger::default();
        let mut people = [Progress::default(); 3];
        assert_eq!([2, 1, 0].map(|receivers| ledger.publish(receivers)), [0, 1, 2]);
        assert_eq!(ledger.complete(), 1);
        ledger.receive(&mut people[0], 0).expect("due");
        assert!(ledger.receive(&mut people[0], 0).is_err(), "repeated");
        ledger.receive(&mut people[0], 1).expect("due");
        ledger.receive(&mut people[1], 0).expect("due");
        assert_eq!((ledger.complete(), ledger.published()), (3, 3));
        assert!(ledger.receive(&mut people[2], 0).is_err(), "one too many");
        assert!(ledger.receive(&mut people[2], 3).is_err(), "never published");
    }
}
