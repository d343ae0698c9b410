//! Time that stands still until it is told to go on, and the knowledge that nothing can happen before it does.
//!
//! Everything that a scenario's plugins and their actors do is done on one thread, by one runtime whose clock is paused.
//! Before that thread goes to sleep all that can be done at this moment has been done; then, and only then, time may go on
//! to the next moment at which somebody has asked to be woken.

use std::future::poll_fn;
use std::io;
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard};
use std::task::{Poll, Waker};
use std::time::Duration;

use tokio::runtime::{Builder, Runtime};
use tokio::time::{Instant, sleep_until};

/// How long something that is waited for may take by the real clock before the other one goes on: for files that a plugin
/// reads, and for the compiler.
const REAL: Duration = Duration::from_millis(1);
/// The furthest that time goes on in one step.
const LEAP: Duration = Duration::from_secs(3600);

/// How many such waits something is worth, before it is taken to wait for time to go on.
#[derive(Clone, Copy)]
pub(super) enum Patience {
    /// A call of a hook.
    Call = 50,
    /// Loading, and compiling.
    Load = 300_000,
}

/// A scenario's clock.
#[derive(Clone, Default)]
pub(super) struct Clock(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    waiting: Option<Waiting>,
    reached: bool,
}

/// Somebody wants to know when nothing can be done any more.
struct Waiting {
    /// But not before time has gone on from here.
    after: Option<Instant>,
    waker: Waker,
}

impl Clock {
    /// A runtime with this clock.
    ///
    /// # Errors
    /// Those of the system.
    pub(super) fn runtime(&self) -> io::Result<Runtime> {
        let clock = self.clone();
        Builder::new_current_thread()
            .enable_all()
            .start_paused(true)
            .on_thread_park(move || clock.out_of_work())
            .build()
    }

    /// Wait until nothing can be done any more at this moment. Time does not go on meanwhile.
    pub(super) async fn idle(&self) {
        self.out_of_work_after(None).await;
    }

    /// Let time go on to the next moment at which something happens, but not further than to `latest`.
    pub(super) async fn go_on(&self, latest: Instant) {
        tokio::select! {
            biased;
            () = self.out_of_work_after(Some(Instant::now())) => {}
            () = sleep_until(latest) => {}
        }
    }

    /// Wait for something that others do. Time only goes on when they seem to wait for that.
    pub(super) async fn wait_for<T>(&self, wanted: impl Future<Output = T>, patience: Patience) -> T {
        let mut wanted = pin!(wanted);
        let mut turns = 0;
        loop {
            tokio::select! {
                biased;
                value = &mut wanted => return value,
                () = self.idle() => {}
            }
            self.wait_outside(&mut turns, patience).await;
        }
    }

    /// Nothing can be done in here: wait for what is done by others outside, by the real clock; if that has been waited for
    /// often enough, let time go on.
    pub(super) async fn wait_outside(&self, turns: &mut u32, patience: Patience) {
        *turns += 1;
        if *turns <= patience as u32 {
            std::thread::park_timeout(REAL);
        } else {
            self.go_on(Instant::now() + LEAP).await;
        }
    }

    async fn out_of_work_after(&self, after: Option<Instant>) {
        self.lock().reached = false;
        poll_fn(|context| {
            let mut state = self.lock();
            if std::mem::take(&mut state.reached) {
                return Poll::Ready(());
            }
            state.waiting = Some(Waiting { after, waker: context.waker().clone() });
            Poll::Pending
        })
        .await;
    }

    /// The thread is about to go to sleep.
    fn out_of_work(&self) {
        let mut state = self.lock();
        let is_wanted = |waiting: &mut Waiting| waiting.after.is_none_or(|after| Instant::now() > after);
        if let Some(waiting) = state.waiting.take_if(is_wanted) {
            state.reached = true;
            // It is waked up instead, and so time does not go on by itself.
            waiting.waker.wake();
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().expect("no panic while a clock is looked at")
    }
}

#[cfg(test)]
mod tests {
    use tokio::sync::mpsc;
    use tokio::time::sleep;

    use super::*;

    const MS: Duration = Duration::from_millis(1);

    #[test]
    fn time_goes_on_from_moment_to_moment() {
        let clock = Clock::default();
        let runtime = clock.runtime().expect("a runtime");
        runtime.block_on(async {
            let start = Instant::now();
            let (tell, mut told) = mpsc::channel(100);
            for delay in [30, 10, 20, 10] {
                let tell = tell.clone();
                tokio::spawn(async move {
                    sleep(delay * MS).await;
                    tokio::task::yield_now().await;
                    tell.send(delay).await.expect("somebody listens");
                });
            }
            clock.idle().await;
            assert_eq!(start.elapsed(), Duration::ZERO, "it stands still");
            let mut seen = Vec::new();
            while start.elapsed() < 40 * MS {
                clock.go_on(start + 40 * MS).await;
                clock.idle().await;
                while let Ok(delay) = told.try_recv() {
                    assert_eq!(start.elapsed(), delay * MS, "it is seen when it happens");
                    seen.push(delay);
                }
            }
            assert_eq!(seen, [10, 10, 20, 30]);
            assert_eq!(start.elapsed(), 40 * MS);
        });
    }

    #[test]
    fn what_others_do_takes_no_time_and_a_sleep_does() {
        let clock = Clock::default();
        let runtime = clock.runtime().expect("a runtime");
        runtime.block_on(async {
            let start = Instant::now();
            let work = tokio::task::spawn_blocking(|| std::thread::park_timeout(20 * MS));
            tokio::spawn(sleep(5 * MS));
            clock.wait_for(work, Patience::Load).await.expect("done");
            assert_eq!(start.elapsed(), Duration::ZERO);
            clock.wait_for(sleep(7 * MS), Patience::Call).await;
            assert_eq!(start.elapsed(), 7 * MS);
        });
    }
}
