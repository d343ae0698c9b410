//! Why a plugin has failed, for its author at work: the answer has it in place of a client's "the plugin has failed".

use crate::plugin::contract::messages::Refusal;
use crate::plugin::runtime::instance::Verdict;

/// An answer that may be a refusal.
pub(super) trait MayRefuse {
    /// The refusal, if it is one.
    fn refusal(&mut self) -> Option<&mut Refusal>;
}

impl<T> MayRefuse for Result<T, Refusal> {
    fn refusal(&mut self) -> Option<&mut Refusal> {
        self.as_mut().err()
    }
}

impl MayRefuse for Verdict {
    fn refusal(&mut self) -> Option<&mut Refusal> {
        match self {
            Self::Refuse(refusal) => Some(refusal),
            Self::Forward | Self::Rewrite(_) => None,
        }
    }
}

/// Add what the plugin wrote last to the refusal by which it says itself that it is at fault.
pub(super) fn explain(answer: &mut impl MayRefuse, last_words: impl FnOnce() -> Option<String>) {
    if let Some(refusal) = answer.refusal()
        && let Some(why) = last_words()
    {
        refusal.body = format!("{}: {why}", refusal.body);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refusal_gets_the_reason_and_an_answer_does_not() {
        let reason = || Some("TypeError: x, at onMessage (plugin.js:3)".to_owned());
        let mut refused: Result<(), _> = Err(Refusal::new(500, "the plugin has failed"));
        explain(&mut refused, reason);
        let told = "the plugin has failed: TypeError: x, at onMessage (plugin.js:3)";
        assert_eq!(refused, Err(Refusal::new(500, told)));
        explain(&mut refused, || None);
        assert_eq!(refused, Err(Refusal::new(500, told)), "there is nothing to say");
        let mut done = Ok::<_, Refusal>(());
        explain(&mut done, || panic!("nobody has asked"));
        assert_eq!(done, Ok(()));
    }
}
