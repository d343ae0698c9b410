//! The recorded counts, in the repository.

use std::collections::BTreeMap;
use std::fmt;

use anyhow::{Context as _, Result};
use fs_err as fs;

use crate::servers::places::repository;

/// Where it is.
pub(super) const FILE: &str = "host/bench/instructions.json";
/// By how many per cent a count may be more. Two runs differ by some tenths of one; another C library does it by more.
const TOLERANCE: f64 = 3.0;
/// The same where several threads take turns: how often they wait for each other is in the count.
const TOLERANCE_OF_SEVERAL_THREADS: f64 = 15.0;
/// What the parts that several threads have a share in begin with.
const SEVERAL_THREADS: &str = "connect";

/// Instructions for each part.
pub(super) type Counts = BTreeMap<String, u64>;

pub(super) fn read() -> Result<Counts> {
    let text = fs::read_to_string(repository().join(FILE))?;
    serde_json::from_str(&text).with_context(|| format!("{FILE} is not what `cargo xtask instructions --write` makes"))
}

pub(super) fn write(counts: &Counts) -> Result<()> {
    let text = serde_json::to_string_pretty(counts).expect("invariant: names and numbers have a form in JSON");
    Ok(fs::write(repository().join(FILE), format!("{text}\n"))?)
}

/// A count beside the recorded one.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Difference {
    NotRecorded,
    Same { recorded: u64 },
    More { recorded: u64, per_cent: f64 },
    Fewer { recorded: u64, per_cent: f64 },
}

impl Difference {
    pub(super) fn new(part: &str, count: u64, recorded: Option<u64>) -> Self {
        let tolerance = if part.starts_with(SEVERAL_THREADS) { TOLERANCE_OF_SEVERAL_THREADS } else { TOLERANCE };
        let Some(recorded) = recorded else { return Self::NotRecorded };
        let per_cent = (count as f64 / recorded as f64 - 1.0) * 100.0;
        if per_cent > tolerance {
            Self::More { recorded, per_cent }
        } else if per_cent < -tolerance {
            Self::Fewer { recorded, per_cent: -per_cent }
        } else {
            Self::Same { recorded }
        }
    }

    /// Whether it is a failure.
    pub(super) fn is_slip(self) -> bool {
        matches!(self, Self::NotRecorded | Self::More { .. })
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotRecorded => f.write_str("none recorded"),
            Self::Same { recorded } => write!(f, "{recorded} recorded"),
            Self::More { recorded, per_cent } => write!(f, "{recorded} recorded: {per_cent:.1} per cent more"),
            // It passes, and yet the old number would hide a slip back.
            Self::Fewer { recorded, per_cent } => {
                write!(f, "{recorded} recorded: {per_cent:.1} per cent fewer, which is worth recording (`--write`)")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_more_is_a_slip() {
        assert!(Difference::new("encode", 1_040, Some(1_000)).is_slip());
        assert!(!Difference::new("connect, somehow", 1_040, Some(1_000)).is_slip());
        assert!(Difference::new("connect, somehow", 1_160, Some(1_000)).is_slip());
        assert!(!Difference::new("encode", 1_020, Some(1_000)).is_slip());
        assert!(!Difference::new("encode", 500, Some(1_000)).is_slip());
        assert!(Difference::new("encode", 1, None).is_slip());
        assert_eq!(Difference::new("encode", 1_120, Some(1_000)).to_string(), "1000 recorded: 12.0 per cent more");
    }
}
