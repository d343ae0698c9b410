//! One call of a hook within its limits: what is set up before it, and what is counted after it.

use std::future::poll_fn;
use std::pin::pin;
use std::sync::atomic::Ordering::Relaxed;
use std::task::Poll;
use std::time::{Duration, Instant};

use tokio::time::{Sleep, sleep};
use wasmtime::Store;

use crate::event::ConnectionId;
use crate::plugin::contract::Hook;
use crate::plugin::runtime::call_error::{CallError, LimitHit};
use crate::plugin::runtime::store::HostState;
use crate::plugin::runtime::version::Version;
use crate::units;

/// How much later than the epoch the timer ends a call. The epoch gives a backtrace, so it comes first; the timer is for
/// a guest that waits in a call to the host, where no epoch is checked.
const GRACE: Duration = Duration::from_millis(25);

/// A call of a hook that has begun.
pub(super) struct HookCall<'a> {
    version: &'a Version,
    hook: Hook,
    began: Instant,
    limit: Duration,
}

/// A call that has ended.
pub(super) struct Ended<T> {
    outcome: Result<T, Interruption>,
    /// The time that was spent in polls of the call.
    cpu: Duration,
    at: Instant,
}

/// Why a call did not return.
enum Interruption {
    Error(wasmtime::Error),
    Timeout,
}

impl<'a> HookCall<'a> {
    /// Prepare the store for a call about this connection.
    pub(super) fn begin(
        version: &'a Version,
        store: &mut Store<HostState>,
        hook: Hook,
        connection: Option<ConnectionId>,
    ) -> Self {
        let limits = &version.plugin.config.limits;
        let limit = match hook {
            Hook::Init => limits.start_deadline,
            Hook::Save | Hook::Restore => limits.state_deadline,
            _ => limits.deadline,
        };
        store.set_hostcall_fuel(if hook == Hook::Save { limits.state_bytes } else { limits.host_bytes });
        let began = Instant::now();
        let state = store.data_mut();
        state.calls.renew();
        state.deadline = began + limit;
        if version.engine.simulation().is_some() {
            state.simulate_deadline(began, limit);
        }
        state.stderr_tail.clear();
        state.log.about(connection);
        // The deadline is wall-clock; it is checked at every epoch tick.
        store.set_epoch_deadline(1);
        Self { version, hook, began, limit }
    }

    /// Run the guest until it returns, or until it is too late: then the call is dropped where it is.
    pub(super) async fn run<T>(&self, call: impl Future<Output = wasmtime::Result<T>>) -> Ended<T> {
        let _busy = self.version.engine.busy();
        run_within(call, self.began, self.limit + GRACE).await
    }

    /// Count the call, and classify its error.
    pub(super) fn end<T>(self, store: &mut Store<HostState>, ended: Ended<T>) -> Result<T, CallError> {
        let Self { version, hook, began, limit } = self;
        version.plugin.metrics.called(hook, ended.at.saturating_duration_since(began));
        let progress = &version.plugin.progress;
        progress.calls.fetch_add(1, Relaxed);
        version.plugin.metrics.cpu_micros.increment(progress.spent(ended.cpu));
        let state = store.data_mut();
        if version.engine.simulation().is_none() {
            // A simulated clock stands still, so the budget would never be refilled.
            state.cpu += ended.cpu;
        }
        state.departed = None;
        state.request = None;
        state.memory_gauge.set(state.memory.used());
        let limit_hit = state.memory.take_limit_hit();
        if let Some(limit_hit) = &limit_hit {
            version.plugin.metrics.limit_reached(limit_hit.key);
        }
        let error = match ended.outcome {
            Ok(value) => {
                state.log.about(None);
                return Ok(value);
            }
            Err(Interruption::Timeout) => CallError::Deadline { limit, backtrace: String::new() },
            Err(Interruption::Error(error)) => {
                let limit_hit = limit_hit.or_else(|| hostcall_limit(version, hook, &error));
                CallError::new(&error, limit, limit_hit.as_ref(), store.data().stderr_tail().as_deref())
            }
        };
        store.data().log.about(None);
        match &error {
            CallError::Deadline { .. } => {
                progress.timeouts.fetch_add(1, Relaxed);
                version.plugin.metrics.timeouts.increment(1);
            }
            CallError::Trap { .. } => {
                progress.traps.fetch_add(1, Relaxed);
                version.plugin.metrics.traps.increment(1);
            }
        }
        Err(error)
    }
}

/// The limit on what is handed over at once, if the guest has hit it.
fn hostcall_limit(version: &Version, hook: Hook, error: &wasmtime::Error) -> Option<LimitHit> {
    if !CallError::exceeds_hostcall_fuel(error) {
        return None;
    }
    let limits = &version.plugin.config.limits;
    let (key, limit) = match hook {
        Hook::Save => ("limits.state_bytes", limits.state_bytes),
        _ => ("limits.host_bytes", limits.host_bytes),
    };
    version.plugin.metrics.limit_reached(key);
    Some(LimitHit { key, value: units::size::format(limit) })
}

/// Poll a guest's call until it is ready, or until it has waited for `limit`.
///
/// The time inside of the polls is CPU time, of the guest and of the host functions that it calls, unless the system gives
/// the thread to another one in between; a call that waits is not polled. The timer is made when the call waits for the
/// first time, since most calls never do, and the clock is read as seldom as possible.
async fn run_within<T>(call: impl Future<Output = wasmtime::Result<T>>, began: Instant, limit: Duration) -> Ended<T> {
    let (mut call, mut timer) = (pin!(call), pin!(None::<Sleep>));
    let (mut cpu, mut at, mut first) = (Duration::ZERO, began, Some(began));
    let outcome = poll_fn(|context| {
        let entered = first.take().unwrap_or_else(Instant::now);
        let polled = call.as_mut().poll(context);
        at = Instant::now();
        cpu += at.saturating_duration_since(entered);
        match polled {
            Poll::Ready(outcome) => Poll::Ready(outcome.map_err(Interruption::Error)),
            Poll::Pending => {
                if timer.is_none() {
                    timer.set(Some(sleep(limit)));
                }
                let timer = timer.as_mut().as_pin_mut().expect("it was just set");
                timer.poll(context).map(|()| Err(Interruption::Timeout))
            }
        }
    });
    let outcome = outcome.await;
    Ended { outcome, cpu, at }
}

#[cfg(test)]
mod tests {
    use std::future::pending;

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
        let ended = run_within(
            async {
                compute(WORK);
                sleep(Duration::from_millis(300)).await;
                tokio::task::yield_now().await;
                compute(WORK);
                Ok(7)
            },
            began,
            Duration::from_secs(60),
        )
        .await;
        assert!(matches!(ended.outcome, Ok(7)));
        assert!(ended.cpu >= WORK * 2, "{:?}", ended.cpu);
        assert!(began.elapsed() - ended.cpu >= Duration::from_millis(250), "{:?}", ended.cpu);
    }

    #[tokio::test(start_paused = true)]
    async fn a_call_that_waits_too_long_is_interrupted() {
        let ended = run_within(pending::<wasmtime::Result<()>>(), Instant::now(), Duration::from_secs(1)).await;
        assert!(matches!(ended.outcome, Err(Interruption::Timeout)));
    }
}
