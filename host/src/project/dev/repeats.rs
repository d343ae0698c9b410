//! Builds that come of themselves: a build writes a file that counts as source, and so another one follows.

use std::time::Duration;

/// A change that comes so soon after a build was made by the build, or by what reads its output.
const SOON: Duration = Duration::from_secs(2);
/// How often the same component may come of such changes.
const MOST: u32 = 3;

/// How often the same component has come out in a row.
#[derive(Debug, Default)]
pub(super) struct Repeats {
    hash: String,
    times: u32,
}

impl Repeats {
    /// A build that began so long after the one before has made this component. Whether that was once too often.
    pub(super) fn too_many(&mut self, hash: &str, after: Duration) -> bool {
        if self.hash == hash && after < SOON {
            self.times += 1;
        } else {
            *self = Self { hash: hash.into(), times: 0 };
        }
        self.times >= MOST
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn same_component_again_and_again_is_noticed() {
        let mut repeats = Repeats::default();
        let built = |repeats: &mut Repeats, hash| repeats.too_many(hash, Duration::ZERO);
        assert_eq!([(); 4].map(|()| built(&mut repeats, "a")), [false, false, false, true]);
        assert!(!built(&mut repeats, "b"), "another component");
    }

    #[test]
    fn builds_with_time_between_them_are_the_authors() {
        let mut repeats = Repeats::default();
        assert!((0..10).all(|_| !repeats.too_many("a", SOON)));
    }
}
