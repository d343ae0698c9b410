//! What a guest writes before it ends by itself: the reason, which the host cannot know.

use std::sync::{Arc, Mutex, MutexGuard};

use crate::lock::lock;
use crate::text::printable;

/// How much is kept, in bytes.
const MAX: usize = 300;
/// Prefixes of lines that only a stack trace follows: Go's, and Rust's.
const HEADLINES: [&str; 3] = ["panic: ", "fatal error: ", RUST_PANIC];
/// How a panic of Rust's begins: with its place and a colon, and the words are on the next line.
const RUST_PANIC: &str = "panicked at ";

/// The prefix of a line with advice instead of a reason: Rust's.
const ADVICE: &str = "note: run with `RUST_BACKTRACE";

/// The last line that an instance has written during a call, to standard error or as an error to its log. Clones share it.
#[derive(Clone, Default)]
pub(in crate::plugin) struct StderrTail(Arc<Mutex<String>>);

impl StderrTail {
    /// Forget the line, before a call.
    pub(in crate::plugin) fn clear(&self) {
        self.lock().clear();
    }

    /// Record a line, or the first line of a log record.
    pub(in crate::plugin) fn record(&self, text: &str) {
        let Some(line) = text.lines().map(str::trim).find(|line| !line.is_empty()) else { return };
        let is_headline = |line: &str| HEADLINES.iter().any(|start| line.starts_with(start));
        let mut last = self.lock();
        if last.starts_with(RUST_PANIC) && last.ends_with(':') && last.len() < MAX && !line.starts_with(ADVICE) {
            last.push(' ');
            last.push_str(&printable(line, MAX));
            return;
        }
        let line = rust_panic(line).unwrap_or(line);
        if line.starts_with(ADVICE) || is_headline(&last) && !is_headline(line) {
            return;
        }
        last.clear();
        last.push_str(&printable(line, MAX));
    }

    /// The line, if there is one.
    pub(in crate::plugin) fn take(&self) -> Option<String> {
        Some(std::mem::take(&mut *self.lock())).filter(|last| !last.is_empty())
    }

    fn lock(&self) -> MutexGuard<'_, String> {
        lock(&self.0)
    }
}

/// A panic of Rust's without the name of the thread, which says nothing in a plugin.
fn rust_panic(line: &str) -> Option<&str> {
    let place = line.starts_with("thread '").then(|| line.find(RUST_PANIC))??;
    Some(&line[place..])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn last(lines: &[&str]) -> Option<String> {
        let tail = StderrTail::default();
        lines.iter().for_each(|line| tail.record(line));
        tail.take()
    }

    #[test]
    fn the_last_line_counts() {
        let traceback =
            ["Traceback (most recent call last):", "  File \"plugin.py\", line 3", "ZeroDivisionError: x", " "];
        assert_eq!(last(&traceback).as_deref(), Some("ZeroDivisionError: x"));
        assert_eq!(
            last(&["TypeError: of a record\n    at onError (plugin.js:3)"]).as_deref(),
            Some("TypeError: of a record")
        );
        assert_eq!(last(&[]), None);
    }

    #[test]
    fn a_panic_of_rust_has_its_place_and_advice_is_no_reason() {
        let rust = ["thread '<unnamed>' panicked at src/lib.rs:1:2:", "boom", "note: run with `RUST_BACKTRACE=1` ..."];
        assert_eq!(last(&rust).as_deref(), Some("panicked at src/lib.rs:1:2: boom"));
        let assertion =
            ["thread '<unnamed>' (1) panicked at src/lib.rs:1:2:", "assertion failed", "  left: 1", " right: 2"];
        assert_eq!(last(&assertion).as_deref(), Some("panicked at src/lib.rs:1:2: assertion failed"));
    }

    #[test]
    fn a_headline_stays() {
        let go = ["panic: boom", "", "goroutine 1 [running]:", "main.main()"];
        assert_eq!(last(&go).as_deref(), Some("panic: boom"));
        assert_eq!(last(&["panic: one", "main.main()", "panic: two"]).as_deref(), Some("panic: two"));
    }

    #[test]
    fn clear_forgets_and_the_line_is_bounded() {
        let tail = StderrTail::default();
        tail.record("of the call before");
        tail.clear();
        assert_eq!(tail.take(), None);
        tail.record(&"ü".repeat(10_000));
        let kept = tail.take().expect("a line");
        assert!(kept.len() < MAX + 10 && kept.starts_with('ü') && kept.ends_with("[...]"), "{kept}");
        tail.record("a\u{1b}[2J");
        assert_eq!(tail.take().as_deref(), Some(r"a\u{1b}[2J"));
    }
}
