//! Panics go to the log. What the standard library does instead writes to standard error, and waits if that is full.

use std::backtrace::{Backtrace, BacktraceStatus};
use std::panic::{self, PanicHookInfo};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::thread;

use crate::text::printable;

/// How much of what is said is told, in bytes.
const MAX_SAID: usize = 4 << 10;

/// How many there were.
static COUNT: AtomicU64 = AtomicU64::new(0);

/// From now on each panic is a record, and counted.
pub(super) fn install() {
    panic::set_hook(Box::new(record));
}

/// How many there were so far.
pub(super) fn count() -> u64 {
    COUNT.load(Relaxed)
}

fn record(panic: &PanicHookInfo<'_>) {
    COUNT.fetch_add(1, Relaxed);
    let thread = thread::current();
    let thread = thread.name().unwrap_or("without a name");
    let place = panic.location().map(tracing::field::display);
    let why = printable(panic.payload_as_str().unwrap_or("it does not say why"), MAX_SAID);
    let backtrace = Backtrace::capture();
    let backtrace = (backtrace.status() == BacktraceStatus::Captured).then_some(tracing::field::display(&backtrace));
    tracing::error!(thread, place, backtrace, "panic: {why}");
}
