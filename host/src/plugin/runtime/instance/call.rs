//! One call of a hook, within its bounds: what is set up before, and what is counted after.

use std::sync::atomic::Ordering::Relaxed;
use std::time::{Duration, Instant};

use wasmtime::Store;

use super::metered::metered;
use crate::event::ConnectionId;
use crate::plugin::contract::Hook;
use crate::plugin::runtime::call_error::{CallError, LimitHit};
use crate::plugin::runtime::store::HostState;
use crate::plugin::runtime::version::Version;
use crate::units;

/// How much later than the guest's own clock the host's breaks a call off. The guest's tells where it was; the host's is
/// for one that waits in a call to the host.
const GRACE: Duration = Duration::from_millis(25);

/// A call that is under way.
pub(super) struct Call<'a> {
    version: &'a Version,
    hook: Hook,
    began: Instant,
    limit: Duration,
}

/// How a call went.
pub(super) struct Ran<T> {
    outcome: Result<T, Broken>,
    cpu: Duration,
}

/// Why a call did not return.
enum Broken {
    Error(wasmtime::Error),
    TooLate,
}

impl<'a> Call<'a> {
    /// Set the store up for a call about this connection.
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
        state.stderr_tail.forget();
        state.log.about(connection);
        // The deadline is wall-clock; it is checked at every epoch tick.
        store.set_epoch_deadline(1);
        Self { version, hook, began, limit }
    }

    /// Wait for the guest, but not for ever. When it is too late the call is dropped where it is.
    pub(super) async fn run<T>(&self, call: impl Future<Output = wasmtime::Result<T>>) -> Ran<T> {
        let _busy = self.version.engine.busy();
        let (ended, cpu) = metered(tokio::time::timeout(self.limit + GRACE, call)).await;
        let outcome = match ended {
            Ok(outcome) => outcome.map_err(Broken::Error),
            Err(_) => Err(Broken::TooLate),
        };
        Ran { outcome, cpu }
    }

    /// Count it, and say what an error means.
    pub(super) fn end<T>(self, store: &mut Store<HostState>, ran: Ran<T>) -> Result<T, CallError> {
        let Self { version, hook, began, limit } = self;
        version.plugin.metrics.called(hook, began.elapsed());
        let progress = &version.plugin.progress;
        progress.calls.fetch_add(1, Relaxed);
        version.plugin.metrics.cpu_micros.increment(progress.spent(ran.cpu));
        let state = store.data_mut();
        if version.engine.simulation().is_none() {
            // There the clock stands still, so what a call has used would never be made up for.
            state.cpu += ran.cpu;
        }
        state.departed = None;
        state.memory_gauge.set(state.memory.used());
        let refused = state.memory.take_refused();
        if let Some(refused) = &refused {
            version.plugin.metrics.limit_reached(refused.key);
        }
        let error = match ran.outcome {
            Ok(value) => {
                state.log.about(None);
                return Ok(value);
            }
            Err(Broken::TooLate) => CallError::Deadline { limit, backtrace: String::new() },
            Err(Broken::Error(error)) => {
                let refused = refused.or_else(|| hostcall_limit(version, hook, &error));
                CallError::new(&error, limit, refused.as_ref(), store.data().stderr_tail().as_deref())
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

/// The bound on what is handed over at once, if that is what the guest has met.
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
