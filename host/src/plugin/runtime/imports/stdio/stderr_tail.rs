//! What a guest says before it ends by itself: the reason, which the host cannot know.

use std::sync::{Arc, Mutex, MutexGuard};

use crate::lock::lock;
use crate::text::printable;

/// How much is kept, in bytes.
const MAX: usize = 300;
/// How a line begins after which come only places in the program: Go's.
const HEADLINES: [&str; 2] = ["panic: ", "fatal error: "];

/// How a line begins that gives advice instead of a reason: Rust's.
const ADVICE: &str = "note: run with `RUST_BACKTRACE";

/// What one instance has said last, during a call, on its standard error or as an error of its log. Clones are the same.
#[derive(Clone, Default)]
pub(in crate::plugin) struct StderrTail(Arc<Mutex<String>>);

impl StderrTail {
    /// A call begins.
    pub(in crate::plugin) fn forget(&self) {
        self.lock().clear();
    }

    /// A line was written, or a record, of which the first line counts.
    pub(in crate::plugin) fn said(&self, text: &str) {
        let Some(line) = text.lines().map(str::trim).find(|line| !line.is_empty()) else { return };
        let is_headline = |line: &str| HEADLINES.iter().any(|start| line.starts_with(start));
        let mut last = self.lock();
        if line.starts_with(ADVICE) || is_headline(&last) && !is_headline(line) {
            return;
        }
        last.clear();
        last.push_str(&printable(line, MAX));
    }

    /// What was said, if anything.
    pub(in crate::plugin) fn take(&self) -> Option<String> {
        Some(std::mem::take(&mut *self.lock())).filter(|last| !last.is_empty())
    }

    fn lock(&self) -> MutexGuard<'_, String> {
        lock(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn last(lines: &[&str]) -> Option<String> {
        let words = StderrTail::default();
        lines.iter().for_each(|line| words.said(line));
        words.take()
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
    fn advice_is_no_reason() {
        let rust = ["thread '<unnamed>' panicked at src/lib.rs:1:2:", "boom", "note: run with `RUST_BACKTRACE=1` ..."];
        assert_eq!(last(&rust).as_deref(), Some("boom"));
    }

    #[test]
    fn a_headline_stays() {
        let go = ["panic: boom", "", "goroutine 1 [running]:", "main.main()"];
        assert_eq!(last(&go).as_deref(), Some("panic: boom"));
        assert_eq!(last(&["panic: one", "main.main()", "panic: two"]).as_deref(), Some("panic: two"));
    }

    #[test]
    fn a_call_begins_with_none_and_what_is_kept_is_bounded() {
        let words = StderrTail::default();
        words.said("of the call before");
        words.forget();
        assert_eq!(words.take(), None);
        words.said(&"ü".repeat(10_000));
        let kept = words.take().expect("words");
        assert!(kept.len() < MAX + 10 && kept.starts_with('ü') && kept.ends_with("[...]"), "{kept}");
        words.said("a\u{1b}[2J");
        assert_eq!(words.take().as_deref(), Some(r"a\u{1b}[2J"));
    }
}
