//! How often an instance may broadcast.

use crate::plugin::bindings::types::Error;
use crate::plugin::bucket::{Bucket, Taken};
use crate::plugin::manifest::Limits;

/// So many rooms a second, and the same at once.
pub(in crate::plugin) struct BroadcastRate {
    limit: u32,
    bucket: Bucket,
}

impl BroadcastRate {
    pub(in crate::plugin) fn new(limits: &Limits) -> Self {
        let limit = limits.broadcasts;
        Self { limit, bucket: Bucket::new(limit.into(), limit.into()) }
    }

    /// Take a broadcast to so many rooms off it.
    ///
    /// # Errors
    /// The one for the guest, when there were too many in the last second.
    pub(in crate::plugin) fn take(&mut self, rooms: usize) -> Result<(), Error> {
        match self.bucket.take(rooms as f64) {
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

    #[tokio::test(start_paused = true)]
    async fn a_second_at_once_and_then_one_by_one() {
        let mut rate = BroadcastRate::new(&Limits { broadcasts: 4, ..Limits::default() });
        assert!(rate.take(5).is_err(), "more than a second holds");
        assert!(rate.take(3).is_ok());
        assert!(rate.take(2).is_err());
        assert!(rate.take(1).is_ok());
        assert!(matches!(rate.take(1), Err(Error::LimitExceeded(limit)) if limit.limit == "limits.broadcasts"));
        tokio::time::advance(Duration::from_millis(250)).await;
        assert!(rate.take(1).is_ok());
        assert!(rate.take(1).is_err());
    }

    #[tokio::test(start_paused = true)]
    async fn none_is_none() {
        let mut rate = BroadcastRate::new(&Limits { broadcasts: 0, ..Limits::default() });
        tokio::time::advance(Duration::from_secs(60)).await;
        assert!(rate.take(1).is_err());
    }
}
