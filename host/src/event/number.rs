//! The hub's numbers: the place of an event among all events that are kept, and how it is written as an event's id.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;
use uuid::Uuid;

/// The digits of an epoch: base 32 of RFC 4648, in lower case.
const DIGITS: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";
/// How many digits an epoch has: 40 bits.
const EPOCH_DIGITS: usize = 8;
/// The longest position as text: epoch, dot, and the decimal digits of the largest number.
pub(super) const MAX_POSITION: usize = EPOCH_DIGITS + 1 + 20;

/// One life of a hub's numbers. Numbers of different epochs say nothing about each other.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Epoch([u8; EPOCH_DIGITS]);

impl Epoch {
    /// The same each time, for scenarios.
    pub(crate) const FIXED: Self = Self([b'a'; EPOCH_DIGITS]);

    /// A new one.
    pub(crate) fn random() -> Self {
        // Of a UUID of version 4 the first 6 bytes are random (RFC 9562, 5.4).
        let [a, b, c, d, e, ..] = *Uuid::new_v4().as_bytes();
        let bits = u64::from_be_bytes([0, 0, 0, a, b, c, d, e]);
        Self(std::array::from_fn(|at| DIGITS[(bits >> (5 * at)) as usize % DIGITS.len()]))
    }

    fn as_str(&self) -> &str {
        str::from_utf8(&self.0).expect("invariant: digits are ASCII")
    }
}

impl fmt::Display for Epoch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Epoch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// "Everything in my rooms, up to here": for example `k3v9x2mq.1264`. Fit for the id of an event, which browsers send
/// back without a preflight.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Position {
    /// The life of the numbers.
    pub epoch: Epoch,
    /// The number of the last event up to here; 0 is before the first.
    pub number: u64,
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.epoch, self.number)
    }
}

/// A text that is no position.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("a position is an id of an event with history, such as k3v9x2mq.1264")]
pub struct InvalidPosition;

impl FromStr for Position {
    type Err = InvalidPosition;

    /// Only the one spelling that [`fmt::Display`] writes.
    fn from_str(text: &str) -> Result<Self, InvalidPosition> {
        let (epoch, number) = text.split_once('.').ok_or(InvalidPosition)?;
        let epoch: [u8; EPOCH_DIGITS] = epoch.as_bytes().try_into().map_err(|_| InvalidPosition)?;
        let is_number = number == "0" || number.starts_with(|first: char| matches!(first, '1'..='9'));
        if !is_number || !epoch.iter().all(|digit| DIGITS.contains(digit)) {
            return Err(InvalidPosition);
        }
        let number = number.parse().map_err(|_| InvalidPosition)?;
        Ok(Self { epoch: Epoch(epoch), number })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_position_is_read_as_it_is_written() {
        for number in [0, 7, u64::MAX] {
            let position = Position { epoch: Epoch::random(), number };
            assert_eq!(position.to_string().parse(), Ok(position));
            assert!(position.to_string().len() <= MAX_POSITION);
        }
        assert_eq!(Position { epoch: Epoch::FIXED, number: 12 }.to_string(), "aaaaaaaa.12");
    }

    #[test]
    fn epochs_differ() {
        assert_ne!(Epoch::random(), Epoch::random());
    }

    #[test]
    fn another_spelling_is_none() {
        for bad in [
            "",
            ".",
            "aaaaaaaa",
            "aaaaaaaa.",
            "aaaaaaa.1",
            "aaaaaaaaa.1",
            "aaaaaaa1.1",
            "AAAAAAAA.1",
            "aaaaaaaa.01",
            "aaaaaaaa.+1",
            "aaaaaaaa.-1",
            "aaaaaaaa.1.1",
            "aaaaaaaa. 1",
            "aaaaaaaa.18446744073709551616",
            "ääää.1",
        ] {
            assert_eq!(bad.parse::<Position>(), Err(InvalidPosition), "{bad}");
        }
    }
}
