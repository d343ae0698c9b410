//! The CPU time of a future.

use std::future::poll_fn;
use std::pin::pin;
use std::time::{Duration, Instant};

/// Run a future to its end, and measure how long it was inside its polls. That is CPU time, of its own and of the host
/// functions that it calls, unless the machine gives the thread to somebody else in the middle; while it waits it is not
/// polled, and costs nothing.
pub(super) async fn metered<T>(future: impl Future<Output = T>) -> (T, Duration) {
    let mut future = pin!(future);
    let mut spent = Duration::ZERO;
    let value = poll_fn(|context| {
        let began = Instant::now();
        let poll = future.as_mut().poll(context);
        spent += began.elapsed();
        poll
    })
    .await;
    (value, spent)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn compute(time: Duration) {
        let began = Instant::now();
        while began.elapsed() < time {
            std::hint::spin_loop();
        }
    }

    #[tokio::test]
    async fn work_counts_and_waiting_does_not() {
        const WORK: Duration = Duration::from_millis(20);
        let began = Instant::now();
        let (value, spent) = metered(async {
            compute(WORK);
            tokio::time::sleep(Duration::from_millis(300)).await;
            tokio::task::yield_now().await;
            compute(WORK);
            7
        })
        .await;
        assert_eq!(value, 7);
        assert!(spent >= WORK * 2, "{spent:?}");
        assert!(began.elapsed() - spent >= Duration::from_millis(250), "{spent:?}");
    }
}
