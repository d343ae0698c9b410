//! What the bodies of a plugin's fetches take: all its instances and versions together, since a fetch may outlive both.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use bytes::Bytes;

/// How many bytes of bodies are in memory. Clones are the same count.
#[derive(Clone, Default)]
pub(in crate::plugin) struct Bodies(Arc<AtomicUsize>);

/// A body that is counted until nothing refers to it any more.
struct CountedBody {
    body: Bytes,
    bodies: Bodies,
}

impl Bodies {
    /// Count a body for as long as it is in memory; none when all together would be more than `limit`.
    pub(in crate::plugin) fn count(&self, body: Bytes, limit: usize) -> Option<Bytes> {
        if body.is_empty() {
            return Some(body);
        }
        let more = |held: usize| held.checked_add(body.len()).filter(|sum| *sum <= limit);
        self.0.fetch_update(Relaxed, Relaxed, more).ok()?;
        Some(Bytes::from_owner(CountedBody { body, bodies: self.clone() }))
    }
}

impl AsRef<[u8]> for CountedBody {
    fn as_ref(&self) -> &[u8] {
        &self.body
    }
}

impl Drop for CountedBody {
    fn drop(&mut self) {
        self.bodies.0.fetch_sub(self.body.len(), Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_counts_until_its_last_part_is_gone() {
        let bodies = Bodies::default();
        let body = |size| Bytes::from(vec![b'x'; size]);
        let mut first = bodies.count(body(6), 10).expect("within");
        assert!(bodies.count(body(5), 10).is_none());
        assert!(bodies.count(body(usize::from(u8::MAX)), usize::MAX).is_some(), "of another version, and gone");
        let rest = first.split_off(4);
        drop(first);
        assert!(bodies.count(body(5), 10).is_none(), "the memory is still held");
        assert_eq!(rest, "xx");
        drop(rest);
        assert!(bodies.count(body(10), 10).is_some());
        assert!(bodies.count(Bytes::new(), 0).is_some());
    }
}
