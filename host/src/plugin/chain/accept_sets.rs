//! Which plugins have accepted a connection, as a number that the hub keeps with the connection.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use crate::hub::Accepted;
use crate::lock::lock;
use crate::plugin::actor::SlotId;

/// All sets of plugins that have accepted some connection. They are few: nearly every connection is accepted by all.
pub(super) struct AcceptSets(Mutex<Sets>);

struct Sets {
    /// The first is empty: [`Accepted::BY_NOBODY`].
    sets: Vec<Arc<[SlotId]>>,
    numbers: HashMap<Arc<[SlotId]>, u32>,
}

impl AcceptSets {
    pub(super) fn new() -> Self {
        let nobody: Arc<[SlotId]> = Arc::new([]);
        Self(Mutex::new(Sets { sets: vec![nobody.clone()], numbers: HashMap::from([(nobody, 0)]) }))
    }

    /// The number of a set.
    pub(super) fn number(&self, slots: impl Iterator<Item = SlotId>) -> Accepted {
        let set: Arc<[SlotId]> = slots.collect();
        let mut sets = self.lock();
        if let Some(number) = sets.numbers.get(&set) {
            return Accepted(*number);
        }
        let number = u32::try_from(sets.sets.len()).expect("fewer sets than 4 billion");
        sets.sets.push(set.clone());
        sets.numbers.insert(set, number);
        Accepted(number)
    }

    /// Plugins were taken out: the sets that they were in become equal to other sets, and share their memory. A connection
    /// keeps its number, so of each set at least its place stays, which is a few bytes.
    pub(super) fn forget(&self, is_gone: impl Fn(SlotId) -> bool) {
        let mut sets = self.lock();
        let Sets { sets, numbers } = &mut *sets;
        for (number, set) in (0..).zip(sets) {
            if !set.iter().any(|slot| is_gone(*slot)) {
                continue;
            }
            numbers.remove(set);
            let rest: Arc<[SlotId]> = set.iter().copied().filter(|slot| !is_gone(*slot)).collect();
            *set = match numbers.get_key_value(&rest) {
                Some((known, _)) => known.clone(),
                None => {
                    numbers.insert(rest.clone(), number);
                    rest
                }
            };
        }
    }

    /// The set with a number.
    pub(super) fn slots(&self, accepted: Accepted) -> Arc<[SlotId]> {
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
        let accept_sets = AcceptSets::new();
        let set = |ids: &[u32]| accept_sets.number(ids.iter().map(|&id| SlotId(id)));
        assert_eq!(set(&[]), Accepted::BY_NOBODY);
        let both = set(&[1, 2]);
        assert_ne!(set(&[1]), both);
        assert_eq!(set(&[1, 2]), both);
        assert_eq!(*accept_sets.slots(both), [SlotId(1), SlotId(2)]);
        assert!(accept_sets.slots(Accepted::BY_NOBODY).is_empty());
    }

    #[test]
    fn plugins_that_come_and_go_leave_no_sets() {
        let accept_sets = AcceptSets::new();
        let set = |ids: &[u32]| accept_sets.number(ids.iter().map(|&id| SlotId(id)));
        let mut given = Vec::new();
        for id in 1..100 {
            given.push(set(&[0, id]));
            given.push(set(&[id]));
            accept_sets.forget(|slot| slot == SlotId(id));
        }
        assert_eq!(accept_sets.lock().numbers.len(), 2, "the empty one, and that of the plugin which stays");
        for pair in given.chunks(2) {
            assert_eq!((&*accept_sets.slots(pair[0]), &*accept_sets.slots(pair[1])), (&[SlotId(0)][..], &[][..]));
            assert!(Arc::ptr_eq(&accept_sets.slots(pair[0]), &accept_sets.slots(given[0])), "they share one");
        }
        assert_eq!(accept_sets.slots(set(&[0, 7])).len(), 2, "a request that began before may still name it");
    }
}
