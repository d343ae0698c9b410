//! The clock, the random numbers and the network of plugins in `roomcast test`: a clock that the scenario moves,
//! deterministic numbers, and upstreams that the scenario describes.

pub(crate) mod network;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use sha2::{Digest, Sha256};
use tokio::time::Instant;
use wasmtime_wasi::{Deterministic, HostMonotonicClock, HostWallClock, WasiCtxBuilder};

use network::Network;

/// The start of the wall clock, in seconds since 1970: 2026-01-01T00:00:00Z.
const BEGINNING: u64 = 1_767_225_600;
/// The start of the monotonic clock. Not 0: Go does not start with that.
const RUNNING_FOR: Duration = Duration::from_secs(1);
/// After how many bytes the random numbers repeat.
const RANDOM_BYTES: u64 = 64 << 10;
/// The runtime's clock counts in milliseconds.
const RESOLUTION: Duration = Duration::from_millis(1);

/// How long a call may compute at least, by the real clock: machines that run tests are slow.
pub(in crate::plugin) const LEAST_COMPUTING: Duration = Duration::from_secs(5);

/// What plugins see in a simulation.
pub(in crate::plugin) struct Simulation {
    began: Instant,
    /// The number of instances so far, each with a seed of its own.
    instances: AtomicU64,
    network: Arc<dyn Network>,
}

impl Simulation {
    pub(in crate::plugin) fn begin(network: Arc<dyn Network>) -> Self {
        Self { began: Instant::now(), instances: AtomicU64::new(0), network }
    }

    /// What plugins reach by HTTP.
    pub(in crate::plugin) fn network(&self) -> &Arc<dyn Network> {
        &self.network
    }

    /// Give an instance this clock and random numbers.
    pub(in crate::plugin) fn configure_wasi(&self, wasi: &mut WasiCtxBuilder) {
        let seed = self.instances.fetch_add(1, Relaxed);
        wasi.wall_clock(GuestClock(self.began))
            .monotonic_clock(GuestClock(self.began))
            .secure_random(Deterministic::new(random(seed, "secure")))
            .insecure_random(Deterministic::new(random(seed, "insecure")))
            .insecure_random_seed(seed.into());
    }
}

/// The runtime's clock, which may stand still.
struct GuestClock(Instant);

impl HostWallClock for GuestClock {
    fn resolution(&self) -> Duration {
        RESOLUTION
    }

    fn now(&self) -> Duration {
        Duration::from_secs(BEGINNING) + self.0.elapsed()
    }
}

impl HostMonotonicClock for GuestClock {
    fn resolution(&self) -> u64 {
        u64::try_from(RESOLUTION.as_nanos()).unwrap_or(u64::MAX)
    }

    fn now(&self) -> u64 {
        u64::try_from((RUNNING_FOR + self.0.elapsed()).as_nanos()).unwrap_or(u64::MAX)
    }
}

/// Pseudo-random bytes of a seed.
fn random(seed: u64, purpose: &str) -> Vec<u8> {
    let block = |number: u64| Sha256::digest(format!("{purpose} {seed} {number}"));
    (0..RANDOM_BYTES / 32).flat_map(block).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn random_numbers_are_the_same_each_time_and_differ_between_instances() {
        assert_eq!(random(1, "secure"), random(1, "secure"));
        assert_ne!(random(1, "secure"), random(2, "secure"));
        assert_ne!(random(1, "secure"), random(1, "insecure"));
    }

    #[tokio::test(start_paused = true)]
    async fn the_clock_is_the_runtimes() {
        let clock = GuestClock(Instant::now());
        tokio::time::advance(Duration::from_millis(250)).await;
        assert_eq!(HostWallClock::now(&clock), Duration::from_millis(BEGINNING * 1000 + 250));
        assert_eq!(HostMonotonicClock::now(&clock), 1_250_000_000);
    }
}
