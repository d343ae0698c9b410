//! The trial of a version that has taken over: whether it works, judged by the votes of those who call it.

use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Arc, Mutex};

use strum::{EnumCount, VariantArray};

use super::record::Record;
use super::votes::{Verdict, Votes};
use crate::lock::lock;
use crate::plugin::actor::subject::Subject;
use crate::plugin::config::Rollback;
use crate::plugin::contract::Hook;

/// Counts votes until it is over.
pub(super) struct Trial {
    rule: Rollback,
    /// What failed under the previous version.
    before: Arc<Record>,
    /// Read by each call; the rest is only looked at until then.
    is_over: AtomicBool,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// Callers for whom it works have had the time to call.
    is_settled: bool,
    hooks: [Votes; Hook::COUNT],
}

impl Trial {
    pub(super) fn new(rule: Rollback, before: Arc<Record>) -> Self {
        Self { rule, before, is_over: AtomicBool::new(false), state: Mutex::default() }
    }

    pub(super) fn succeeded(&self, subject: &Subject) {
        if !self.is_over.load(Relaxed) {
            lock(&self.state).hooks[subject.hook as usize].succeeded(subject.network());
        }
    }

    /// A call failed: why the version is to be taken back, if it is.
    pub(super) fn failed(&self, subject: &Subject) -> Option<String> {
        if self.is_over.load(Relaxed) || self.has_failed_before(subject) {
            return None;
        }
        let mut state = lock(&self.state);
        state.hooks[subject.hook as usize].failed(subject.network());
        if state.is_settled { self.judge(&state, subject.hook) } else { None }
    }

    /// Whether a failure says nothing about this version.
    fn has_failed_before(&self, subject: &Subject) -> bool {
        self.before.in_a_row(subject.hook) > self.rule.failures
            || subject.message.is_some_and(|message| self.before.has_failed(message))
    }

    /// Judge from now on: why the version is to be taken back already, if it is.
    pub(super) fn settle(&self) -> Option<String> {
        let mut state = lock(&self.state);
        state.is_settled = true;
        Hook::VARIANTS.iter().find_map(|hook| self.judge(&state, *hook))
    }

    /// Nothing counts any more.
    pub(super) fn end(&self) {
        self.is_over.store(true, Relaxed);
        *lock(&self.state) = State::default();
    }

    fn judge(&self, state: &State, hook: Hook) -> Option<String> {
        let Rollback { failures, share, .. } = &self.rule;
        let name = hook.name();
        Some(match state.hooks[hook as usize].verdict(&self.rule)? {
            Verdict::NeverWorks { failed_calls } => format!(
                "{name} has failed {failed_calls} times, more than `rollback.failures` = {failures}, and has not worked \
                 since the version took over"
            ),
            Verdict::FailsFor { failing, callers } => format!(
                "{name} does not work for {failing} of {callers} callers, more than `rollback.failures` = {failures} and \
                 at least `rollback.share` = {share}"
            ),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plugin::actor::caller::Caller;
    use crate::plugin::actor::subject::MessageHash;

    fn subject(hook: Hook, caller: u8) -> Subject {
        let caller = Some(Caller::of_request([203, 0, 113, caller].into(), None));
        Subject { caller, ..Subject::plugin(hook) }
    }

    fn trial() -> Trial {
        Trial::new(Rollback::default(), Arc::default())
    }

    fn settled() -> Trial {
        let trial = trial();
        assert_eq!(trial.settle(), None);
        trial
    }

    /// How a version is judged in the end when these calls fail.
    fn judged(trial: &Trial, hook: Hook, callers: impl IntoIterator<Item = u8>) -> Option<String> {
        callers.into_iter().filter_map(|caller| trial.failed(&subject(hook, caller))).last()
    }

    #[test]
    fn nothing_is_judged_before_others_had_time_to_call() {
        let trial = trial();
        assert_eq!(judged(&trial, Hook::OnMessage, 0..200), None);
        (0..200).for_each(|caller| trial.succeeded(&subject(Hook::OnMessage, 255 - caller)));
        assert_eq!(trial.settle(), None);

        let broken = self::trial();
        assert_eq!(judged(&broken, Hook::OnMessage, 0..4), None);
        let why = broken.settle().expect("it works for nobody");
        assert!(why.contains("on-message has failed 4 times"), "{why}");
    }

    #[test]
    fn four_addresses_do_not_undo_a_version_that_works_for_others() {
        let trial = trial();
        (10..20).for_each(|caller| trial.succeeded(&subject(Hook::OnMessage, caller)));
        assert_eq!(trial.settle(), None);
        assert_eq!(judged(&trial, Hook::OnMessage, [1, 2, 3, 4].repeat(1000)), None);
    }

    #[test]
    fn a_version_that_fails_for_half_of_its_callers_is_taken_back() {
        let trial = settled();
        (10..14).for_each(|caller| trial.succeeded(&subject(Hook::OnConnect, caller)));
        assert_eq!(judged(&trial, Hook::OnConnect, 0..3), None);
        let why = judged(&trial, Hook::OnConnect, [3]).expect("that is half of them");
        assert!(why.contains("on-connect does not work for 4 of 8 callers"), "{why}");
    }

    #[test]
    fn each_hook_is_judged_alone() {
        let trial = settled();
        (0..100).for_each(|caller| trial.succeeded(&subject(Hook::OnConnect, caller)));
        let timer = Subject::plugin(Hook::OnTimer);
        (0..3).for_each(|_| assert_eq!(trial.failed(&timer), None));
        let why = trial.failed(&timer).expect("it never works");
        assert!(why.contains("on-timer has failed 4 times"), "{why}");
    }

    #[test]
    fn one_stream_after_the_other_is_one_caller_behind_a_proxy() {
        let trial = settled();
        let stream = || Subject::connection(Hook::OnMessage, crate::event::ConnectionId::random());
        trial.succeeded(&stream());
        for _ in 0..1000 {
            assert_eq!(trial.failed(&stream()), None);
        }
    }

    #[test]
    fn what_failed_before_does_not_count() {
        let before = Arc::new(Record::default());
        (0..4).for_each(|_| before.failed(Hook::OnTimer, None));
        let message = Some(MessageHash::of(b"the same"));
        before.failed(Hook::OnMessage, message);
        before.succeeded(Hook::OnMessage);
        let trial = Trial::new(Rollback::default(), before);
        assert_eq!(trial.settle(), None);
        for _ in 0..100 {
            assert_eq!(trial.failed(&Subject::plugin(Hook::OnTimer)), None, "no timer worked before");
            assert_eq!(trial.failed(&Subject { message, ..subject(Hook::OnMessage, 1) }), None);
        }
        let other = Subject { message: Some(MessageHash::of(b"another")), ..subject(Hook::OnMessage, 1) };
        assert!((0..4).find_map(|_| trial.failed(&other)).is_some());
    }

    #[test]
    fn after_its_end_nothing_counts() {
        let trial = settled();
        assert_eq!(judged(&trial, Hook::OnMessage, 0..3), None);
        trial.end();
        assert_eq!(judged(&trial, Hook::OnMessage, 0..100), None);
    }
}
