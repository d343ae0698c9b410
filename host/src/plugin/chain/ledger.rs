//! Who has accepted which connection, as a number that the hub keeps with the connection.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use super::line::SeatId;
use crate::hub::Accepted;
use crate::lock::lock;

/// The sets of plugins that there were. There are few: nearly every connection is accepted by all.
pub(super) struct Ledger(Mutex<Sets>);

struct Sets {
    /// The first is empty: [`Accepted::BY_NOBODY`].
    sets: Vec<Arc<[SeatId]>>,
    numbers: HashMap<Arc<[SeatId]>, u32>,
}

impl Ledger {
    pub(super) fn new() -> Self {
        let nobody: Arc<[SeatId]> = Arc::new([]);
        Self(Mutex::new(Sets { sets: vec![nobody.clone()], numbers: HashMap::from([(nobody, 0)]) }))
    }

    /// The number of a set.
    pub(super) fn number(&self, seats: impl Iterator<Item = SeatId>) -> Accepted {
        let set: Arc<[SeatId]> = seats.collect();
        let mut sets = self.lock();
        if let Some(number) = sets.numbers.get(&set) {
            return Accepted(*number);
        }
        let number = u32::try_from(sets.sets.len()).expect("fewer sets than 4 billion");
        sets.sets.push(set.clone());
        sets.numbers.insert(set, number);
        Accepted(number)
    }

    /// The set with a number.
    pub(super) fn seats(&self, accepted: Accepted) -> Arc<[SeatId]> {
        self.lock().sets[accepted.0 as usize].clone()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Sets> {
        lock(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_sets_have_one_number() {
        let ledger = Ledger::new();
        let set = |ids: &[u32]| ledger.number(ids.iter().map(|&id| SeatId(id)));
        assert_eq!(set(&[]), Accepted::BY_NOBODY);
        let both = set(&[1, 2]);
        assert_ne!(set(&[1]), both);
        assert_eq!(set(&[1, 2]), both);
        assert_eq!(*ledger.seats(both), [SeatId(1), SeatId(2)]);
        assert!(ledger.seats(Accepted::BY_NOBODY).is_empty());
    }
}
