//! Advances the engine's epoch while a guest runs, for deadlines; the thread sleeps when none runs.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::thread::{self, JoinHandle, Thread};
use std::time::Duration;

use crate::supervise;

/// How long a guest may run before it yields to other tasks.
const TICK: Duration = Duration::from_millis(5);
/// After how many ticks without a guest the thread sleeps: waking it up costs more than some ticks.
const LINGER: u32 = 20;

/// The thread. It ends when this is dropped.
pub(super) struct Ticker {
    shared: Arc<TickerState>,
    thread: Option<JoinHandle<()>>,
    /// For waking the thread up.
    handle: Thread,
}

#[derive(Default)]
struct TickerState {
    /// Guests that run.
    running: AtomicUsize,
    asleep: AtomicBool,
    ended: AtomicBool,
}

/// Counts a guest as running until it is dropped.
pub(in crate::plugin) struct Busy<'a>(&'a TickerState);

impl Ticker {
    pub(super) fn start(engine: wasmtime::Engine) -> io::Result<Self> {
        let shared = Arc::new(TickerState::default());
        let own = shared.clone();
        let thread = supervise::thread("plugin-ticker", move || tick(&own, &engine))?;
        let handle = thread.thread().clone();
        Ok(Self { shared, thread: Some(thread), handle })
    }

    /// Whether a guest runs, or waits in a call to the host.
    pub(super) fn is_busy(&self) -> bool {
        self.shared.running.load(SeqCst) > 0
    }

    pub(super) fn busy(&self) -> Busy<'_> {
        self.shared.running.fetch_add(1, SeqCst);
        // The thread sets `asleep`, then reads `running`; this does the reverse, so at least one of them sees the other.
        if self.shared.asleep.load(SeqCst) {
            self.handle.unpark();
        }
        Busy(&self.shared)
    }
}

impl Drop for Busy<'_> {
    fn drop(&mut self) {
        self.0.running.fetch_sub(1, SeqCst);
    }
}

impl Drop for Ticker {
    fn drop(&mut self) {
        self.shared.ended.store(true, SeqCst);
        self.handle.unpark();
        if let Some(thread) = self.thread.take() {
            // It does not panic: that would have ended the process.
            let _ = thread.join();
        }
    }
}

fn tick(shared: &TickerState, engine: &wasmtime::Engine) {
    let mut idle = 0;
    while !shared.ended.load(SeqCst) {
        if idle < LINGER {
            thread::park_timeout(TICK);
        } else {
            shared.asleep.store(true, SeqCst);
            if shared.running.load(SeqCst) == 0 && !shared.ended.load(SeqCst) {
                thread::park();
            }
            shared.asleep.store(false, SeqCst);
        }
        idle = if shared.running.load(SeqCst) > 0 { 0 } else { idle + 1 };
        engine.increment_epoch();
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use wasmtime::{Config, Engine, Instance, Module, Store};

    use super::*;

    /// Run a loop without an end until its first epoch is over.
    fn interrupted(engine: &Engine) {
        let bytes = wat::parse_str("(module (func (export \"f\") (loop br 0)))").expect("valid");
        let mut store = Store::new(engine, ());
        store.set_epoch_deadline(1);
        let module = Module::from_binary(engine, &bytes).expect("compiles");
        let instance = Instance::new(&mut store, &module, &[]).expect("instantiable");
        let function = instance.get_typed_func::<(), ()>(&mut store, "f").expect("the function");
        let error = function.call(&mut store, ()).expect_err("it has no end");
        assert_eq!(error.downcast_ref(), Some(&wasmtime::Trap::Interrupt));
    }

    #[test]
    fn it_ticks_when_a_guest_runs_also_after_a_sleep() {
        let engine = Engine::new(Config::new().epoch_interruption(true)).expect("an engine");
        let ticker = Ticker::start(engine.clone()).expect("a thread");
        for _ in 0..2 {
            let busy = ticker.busy();
            interrupted(&engine);
            drop(busy);
            let start = Instant::now();
            while !ticker.shared.asleep.load(SeqCst) {
                assert!(start.elapsed() < Duration::from_secs(60), "it never sleeps");
                thread::yield_now();
            }
        }
        let thread = ticker.handle.clone();
        drop(ticker);
        assert!(thread.name().is_some());
    }
}
