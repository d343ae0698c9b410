//! The rate limit of a plugin's broadcasts, shared by its instances and versions, so that a new instance does not reset it.

use std::sync::{Arc, Mutex};

use crate::lock::lock;
use crate::plugin::config::Limits;
use crate::plugin::contract::bindings::types::Error;
use crate::plugin::runtime::token_bucket::{Taken, TokenBucket};

/// What a plugin has broadcast lately. Clones share it.
#[derive(Clone, Default)]
pub(in crate::plugin) struct Broadcasts(Arc<Mutex<Option<TokenBucket>>>);

/// `limits.broadcasts` of one version: rooms a second, and as many at once.
pub(in crate::plugin) struct BroadcastRate {
    limit: u32,
    broadcasts: Broadcasts,
}

impl Broadcasts {
    /// With the limit of a version.
    pub(in crate::plugin) fn within(&self, limits: &Limits) -> BroadcastRate {
        BroadcastRate { limit: limits.broadcasts, broadcasts: self.clone() }
    }
}

impl BroadcastRate {
    /// Charge a broadcast to `rooms` rooms.
    ///
    /// # Errors
    /// `limit-exceeded` for the guest, when there were too many in the last second.
    pub(in crate::plugin) fn take(&self, rooms: usize) -> Result<(), Error> {
        let rate = f64::from(self.limit);
        let mut bucket = lock(&self.broadcasts.0);
        let bucket = bucket.get_or_insert_with(|| TokenBucket::new(rate, rate));
        bucket.adapt(rate, rate);
        match bucket.take(rooms as f64) {
            Taken::Yes => Ok(()),
            Taken::No => {
                let reason = format!(
                    "{} broadcasts a second are allowed, and each room of a broadcast to many is one: gather what is to \
                     be said, or say the rest in a timer",
                    self.limit
                );
                Err(Error::limit("limits.broadcasts", reason))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn limit(broadcasts: u32) -> Limits {
        Limits { broadcasts, ..Limits::default() }
    }

    #[tokio::test(start_paused = true)]
    async fn a_second_at_once_and_then_one_by_one() {
        let rate = Broadcasts::default().within(&limit(4));
        assert!(rate.take(5).is_err(), "more than a second holds");
        assert!(rate.take(3).is_ok());
        assert!(rate.take(2).is_err());
        assert!(rate.take(1).is_ok());
        assert!(matches!(rate.take(1), Err(Error::LimitExceeded(limit)) if limit.key == "limits.broadcasts"));
        tokio::time::advance(Duration::from_millis(250)).await;
        assert!(rate.take(1).is_ok());
        assert!(rate.take(1).is_err());
    }

    #[tokio::test(start_paused = true)]
    async fn a_limit_of_zero_allows_none() {
        let rate = Broadcasts::default().within(&limit(0));
        tokio::time::advance(Duration::from_secs(60)).await;
        assert!(rate.take(1).is_err());
    }

    #[tokio::test(start_paused = true)]
    async fn another_instance_or_version_resets_nothing() {
        let broadcasts = Broadcasts::default();
        assert!(broadcasts.within(&limit(4)).take(4).is_ok());
        assert!(broadcasts.within(&limit(4)).take(1).is_err());
        let next = broadcasts.within(&limit(8));
        assert!(next.take(1).is_err(), "a higher limit does not reset the bucket");
        tokio::time::advance(Duration::from_millis(500)).await;
        assert!(next.take(4).is_ok() && next.take(1).is_err());
        tokio::time::advance(Duration::from_secs(60)).await;
        assert!(broadcasts.within(&limit(2)).take(3).is_err(), "a smaller one counts at once");
    }
}
