//! Which open files are for clients: what operators and plugins need is kept free of them.
//!
//! The kernel gives a new file the lowest number that is free. So a socket whose number is not below a bound tells that
//! as many files are open as the bound says, whatever they are, and nothing has to be counted.

use std::os::fd::AsRawFd;

/// The descriptors that a listener's sockets may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Descriptors {
    /// Those with a number below this one: for clients.
    Below(u64),
    /// All that the kernel gives: for operators.
    All,
}

impl Descriptors {
    /// Of so many files that may be open, those that are not reserved. A small bound is shared equally.
    pub(crate) fn for_clients(possible: u64, reserved: u64) -> Self {
        Self::Below(possible - reserved.min(possible / 2))
    }

    /// Whether a socket that was accepted may stay.
    pub(super) fn include(self, socket: &impl AsRawFd) -> bool {
        match self {
            Self::All => true,
            Self::Below(bound) => u64::try_from(socket.as_raw_fd()).is_ok_and(|number| number < bound),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clients_get_what_is_not_reserved() {
        assert_eq!(Descriptors::for_clients(4096, 128), Descriptors::Below(3968));
        assert_eq!(Descriptors::for_clients(100, 128), Descriptors::Below(50));
    }

    #[test]
    fn a_number_tells_how_many_files_are_open() {
        let file = std::fs::File::open("/dev/null").expect("readable");
        let number = u64::try_from(file.as_raw_fd()).expect("not negative");
        assert!(Descriptors::Below(number + 1).include(&file));
        assert!(!Descriptors::Below(number).include(&file));
        assert!(Descriptors::All.include(&file));
    }
}
