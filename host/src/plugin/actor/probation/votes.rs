//! For how many callers of a hook a version works.

use std::collections::HashMap;

use crate::address::ClientNetwork;
use crate::plugin::config::Rollback;

/// How many callers are told apart; later ones are not counted.
const MAX_CALLERS: usize = 1024;

/// Who has called a hook. Each caller has one vote, however often it calls: the hook works for it once one of its calls
/// has succeeded.
///
/// A caller is an address. All whose address is not known, and the plugin itself, are one caller, `None`.
#[derive(Default)]
pub(super) struct Votes {
    /// Whether the hook works for a caller.
    callers: HashMap<Option<ClientNetwork>, bool>,
    /// For how many it works.
    working: usize,
    failed_calls: u32,
}

/// Why a version is taken back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// The hook has worked for nobody yet.
    NeverWorks { failed_calls: u32 },
    /// The hook does not work for so many of its callers.
    FailsFor { failing: usize, callers: usize },
}

impl Votes {
    pub(super) fn succeeded(&mut self, caller: Option<ClientNetwork>) {
        if let Some(works) = self.vote(caller) {
            let is_new = !std::mem::replace(works, true);
            self.working += usize::from(is_new);
        }
    }

    pub(super) fn failed(&mut self, caller: Option<ClientNetwork>) {
        self.vote(caller);
        self.failed_calls = self.failed_calls.saturating_add(1);
    }

    /// The caller's vote, which it gets with its first call: that the hook does not work for it.
    fn vote(&mut self, caller: Option<ClientNetwork>) -> Option<&mut bool> {
        if self.callers.len() >= MAX_CALLERS && !self.callers.contains_key(&caller) {
            return None;
        }
        Some(self.callers.entry(caller).or_default())
    }

    /// What the votes say, if that is enough to take the version back.
    pub(super) fn verdict(&self, rule: &Rollback) -> Option<Verdict> {
        let callers = self.callers.len();
        let (failing, failed_calls) = (callers - self.working, self.failed_calls);
        if self.working == 0 {
            return (failed_calls > rule.failures).then_some(Verdict::NeverWorks { failed_calls });
        }
        let is_enough = failing > rule.failures as usize && failing as f64 >= rule.share.fraction() * callers as f64;
        is_enough.then_some(Verdict::FailsFor { failing, callers })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::address::Ipv6Prefix;

    fn caller(number: u32) -> Option<ClientNetwork> {
        Some(Ipv6Prefix::default().network(std::net::Ipv4Addr::from_bits(0xcb00_0000 + number).into()))
    }

    /// Callers for whom the hook fails, and callers for whom it works.
    fn votes(failing: u32, working: u32) -> Votes {
        let mut votes = Votes::default();
        (0..failing).for_each(|number| votes.failed(caller(number)));
        (0..working).for_each(|number| votes.succeeded(caller(1 << 16 | number)));
        votes
    }

    fn verdict(votes: &Votes) -> Option<Verdict> {
        votes.verdict(&Rollback::default())
    }

    #[test]
    fn a_few_callers_do_not_outvote_those_for_whom_it_works() {
        for (failing, working) in [(4, 1000), (4, 5), (3, 1), (100, 101)] {
            assert_eq!(verdict(&votes(failing, working)), None, "{failing} of {}", failing + working);
        }
    }

    #[test]
    fn half_of_several_callers_are_enough() {
        for (failing, working) in [(4, 4), (4, 1), (100, 100)] {
            let (failing, callers) = (failing as usize, (failing + working) as usize);
            let enough = Some(Verdict::FailsFor { failing, callers });
            assert_eq!(verdict(&votes(failing as u32, working)), enough);
        }
    }

    #[test]
    fn one_caller_has_one_vote_however_often_it_fails() {
        let mut votes = votes(0, 1);
        (0..1000).for_each(|_| votes.failed(caller(1)));
        assert_eq!(verdict(&votes), None);
    }

    #[test]
    fn one_success_is_enough_for_a_caller() {
        let mut votes = votes(10, 1);
        (0..10).for_each(|number| votes.succeeded(caller(number)));
        (0..10).for_each(|number| votes.failed(caller(number)));
        assert_eq!((votes.working, verdict(&votes)), (11, None));
    }

    #[test]
    fn a_hook_that_works_for_nobody_needs_no_second_caller() {
        for caller in [caller(1), None] {
            let mut votes = Votes::default();
            (0..3).for_each(|_| votes.failed(caller));
            assert_eq!(verdict(&votes), None);
            votes.failed(caller);
            assert_eq!(verdict(&votes), Some(Verdict::NeverWorks { failed_calls: 4 }));
            votes.succeeded(caller);
            assert_eq!(verdict(&votes), None, "it has worked once");
        }
    }

    #[test]
    fn callers_are_told_apart_up_to_a_limit() {
        let mut votes = votes(0, MAX_CALLERS as u32);
        (0..5000).for_each(|number| votes.failed(caller(number)));
        assert_eq!((votes.callers.len(), votes.working, verdict(&votes)), (MAX_CALLERS, MAX_CALLERS, None));
        votes.failed(caller(1 << 16));
        assert_eq!(votes.working, MAX_CALLERS);
    }
}
