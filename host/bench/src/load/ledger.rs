//! The check of delivery: each stream gets every event once, and all in the same order.

mod rooms;

use anyhow::{Result, bail};

pub(crate) use rooms::RoomsLedger;

/// Which events were published, in which order the first receiver of each saw them, and how many have it.
///
/// Publishers on different connections race, so the order is the server's to choose; but it is one order for all.
#[derive(Default)]
pub(crate) struct Ledger {
    receivers: usize,
    order: Vec<u32>,
    /// By event number: whether it stands in `order`.
    known: Vec<bool>,
    /// By place in `order`: how many receivers got that far.
    reached: Vec<usize>,
    complete: usize,
}

/// How far one receiver is: the number of events that it got.
#[derive(Clone, Copy, Default)]
pub(crate) struct Progress(usize);

impl Ledger {
    pub(crate) fn new(receivers: usize) -> Self {
        Self { receivers, ..Self::default() }
    }

    /// The number of a new event, which may arrive from now on.
    pub(crate) fn publish(&mut self) -> u32 {
        self.known.push(false);
        u32::try_from(self.known.len() - 1).expect("invariant: a run publishes far fewer than 2^32 events")
    }

    /// Notes that a receiver got an event.
    ///
    /// # Errors
    /// When it is not the one that is due for this receiver.
    pub(crate) fn receive(&mut self, progress: &mut Progress, number: u32) -> Result<()> {
        let place = progress.0;
        match self.order.get(place) {
            Some(due) if *due == number => {}
            Some(due) => bail!("got event {number} where others got event {due}"),
            None => {
                let Some(known) = self.known.get_mut(number as usize) else {
                    bail!("got event {number}, which was not published");
                };
                if std::mem::replace(known, true) {
                    bail!("got event {number} again or late, as number {place}");
                }
                self.order.push(number);
                self.reached.push(0);
            }
        }
        progress.0 += 1;
        self.reached[place] += 1;
        // Receivers go through the places one by one, so the places become complete one by one.
        if self.reached[place] == self.receivers {
            self.complete += 1;
        }
        Ok(())
    }

    pub(crate) fn published(&self) -> usize {
        self.known.len()
    }

    /// How many events all streams have.
    pub(crate) fn complete(&self) -> usize {
        self.complete
    }

    /// How many receivers have the next event that is not complete; for the report of a stall.
    pub(crate) fn have_next(&self) -> usize {
        self.reached.get(self.complete).copied().unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two receivers that get the given events in turn: (receiver, event).
    fn play(published: u32, deliveries: &[(usize, u32)]) -> Result<usize> {
        let mut ledger = Ledger::new(2);
        (0..published).for_each(|number| assert_eq!(ledger.publish(), number));
        let mut receivers = [Progress::default(); 2];
        for (receiver, number) in deliveries {
            ledger.receive(&mut receivers[*receiver], *number)?;
        }
        Ok(ledger.complete())
    }

    #[test]
    fn an_event_is_complete_when_everybody_has_it() {
        assert_eq!(play(2, &[(0, 0), (0, 1), (1, 0)]).expect("in order"), 1);
        assert_eq!(play(2, &[(0, 1), (1, 1), (1, 0), (0, 0)]).expect("one order for both"), 2);
    }

    #[test]
    fn what_is_missing_repeated_early_or_out_of_order_is_noticed() {
        for (wrong, deliveries) in [
            ("missing", &[(0, 0), (0, 1), (1, 1)][..]),
            ("repeated to the first", &[(0, 0), (0, 0)]),
            ("repeated to the second", &[(0, 0), (0, 1), (1, 0), (1, 0)]),
            ("another order", &[(0, 1), (0, 0), (1, 0)]),
            ("never published", &[(0, 2)]),
        ] {
            assert!(play(2, deliveries).is_err(), "{wrong}");
        }
    }
}
