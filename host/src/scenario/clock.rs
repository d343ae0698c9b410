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

use crate::plugin::Engine;

/// How long to wait, by the real clock, for what other threads do, until it is looked at again.
const REAL: Duration = Duration::from_millis(1);
/// The furthest that time goes on in one step.
const LEAP: Duration = Duration::from_secs(3600);

/// How many such waits something is worth, before it is taken to wait for time to go on.
#[derive(Clone, Copy)]
pub(super) enum Patience {
    /// An answer, which only depends on what is done in here.
    Answer = 50,
    /// Loading, and compiling.
    Load = 300_000,
}

/// A scenario's clock.
#[derive(Clone, Default)]
pub(super) struct Clock(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    waiting: Option<ClockWaiter>,
    reached: bool,
}

/// Somebody wants to know when nothing can be done any more.
struct ClockWaiter {
    /// But not before this is true.
    wanted: WakeCondition,
    waker: Waker,
}

type WakeCondition = Box<dyn Fn() -> bool + Send>;

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
            .on_thread_park(move || clock.going_to_sleep())
            .build()
    }

    /// Wait until nothing can be done any more at this moment. Time does not go on meanwhile.
    pub(super) async fn idle(&self) {
        self.out_of_work(Box::new(|| true)).await;
    }

    /// Let time go on to the next moment at which something happens, but not further than to `latest`.
    pub(super) async fn go_on(&self, latest: Instant) {
        let now = Instant::now();
        tokio::select! {
            biased;
            () = self.out_of_work(Box::new(move || Instant::now() > now)) => {}
            () = sleep_until(latest) => {}
        }
    }

    /// A plugin is in a call, in which it reads a file or waits: let that end, or time go on to the next moment. While a
    /// file is read time stands still by itself.
    pub(super) async fn let_call_go_on(&self, engine: &Engine) {
        let (now, engine) = (Instant::now(), engine.clone());
        self.out_of_work(Box::new(move || Instant::now() > now || !engine.is_busy())).await;
    }

    /// Wait for something that others do. Time only goes on when they wait for that.
    pub(super) async fn wait_for<T>(&self, wanted: impl Future<Output = T>, engine: &Engine, patience: Patience) -> T {
        let mut wanted = pin!(wanted);
        let mut turns = 0;
        loop {
            tokio::select! {
                biased;
                value = &mut wanted => return value,
                () = self.idle() => {}
            }
            let going_on = async {
                if engine.is_busy() {
                    self.let_call_go_on(engine).await;
                } else if turns < patience as u32 {
                    turns += 1;
                    std::thread::park_timeout(REAL);
                } else {
                    self.go_on(Instant::now() + LEAP).await;
                }
            };
            tokio::select! {
                biased;
                value = &mut wanted => return value,
                () = going_on => {}
            }
        }
    }

    async fn out_of_work(&self, wanted: WakeCondition) {
        self.lock().reached = false;
        let mut wanted = Some(wanted);
        poll_fn(|context| {
            let mut state = self.lock();
            if std::mem::take(&mut state.reached) {
                return Poll::Ready(());
            }
            match (wanted.take(), &mut state.waiting) {
                (Some(wanted), waiting) => *waiting = Some(ClockWaiter { wanted, waker: context.waker().clone() }),
                (None, Some(waiting)) => waiting.waker.clone_from(context.waker()),
                (None, None) => {}
            }
            Poll::Pending
        })
        .await;
    }

    /// The thread is about to go to sleep.
    fn going_to_sleep(&self) {
        let mut state = self.lock();
        if let Some(waiting) = state.waiting.take_if(|waiting| (waiting.wanted)()) {
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
    use tokio::sync::{mpsc, oneshot};
    use tokio::time::sleep;

    use super::*;
    use crate::plugin::{CacheConfig, DataConfig};
    use crate::scenario::upstreams::Upstreams;

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
            let no_cache = CacheConfig { enabled: false, dir: None };
            let engine = Engine::for_simulation(&no_cache, &DataConfig::default(), Arc::new(Upstreams::default()));
            let engine = engine.expect("an engine");
            let start = Instant::now();
            let (reply, answer) = oneshot::channel();
            std::thread::spawn(move || {
                std::thread::park_timeout(20 * MS);
                reply.send(()).expect("somebody waits");
            });
            tokio::spawn(sleep(5 * MS));
            clock.wait_for(answer, &engine, Patience::Load).await.expect("done");
            assert_eq!(start.elapsed(), Duration::ZERO);
            clock.wait_for(sleep(7 * MS), &engine, Patience::Answer).await;
            assert_eq!(start.elapsed(), 7 * MS);
        });
    }
}
