//! Splits chunks, which may end anywhere, into lines.

use serde::{Deserialize, Serialize};

/// The longest line, in bytes, without its end.
const MAX_LINE: usize = 64 << 10;

/// A line is too long.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct TooLong;

/// The unfinished line.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Lines(String);

impl Lines {
    /// Read a chunk: calls `line` with each completed line, without its end, until it wants no more.
    ///
    /// # Errors
    /// If a line is too long, finished or not.
    pub(crate) fn read(&mut self, piece: &str, mut line: impl FnMut(&str) -> Wanted) -> Result<(), TooLong> {
        let mut parts = piece.split('\n');
        let last = parts.next_back().unwrap_or_default();
        for part in parts {
            self.0.push_str(part);
            let whole = std::mem::take(&mut self.0);
            let whole = whole.strip_suffix('\r').unwrap_or(&whole);
            if whole.len() > MAX_LINE {
                return Err(TooLong);
            }
            if line(whole) == Wanted::NoMore {
                return Ok(());
            }
        }
        self.0.push_str(last);
        // The last byte may be part of the line's end.
        let longest = MAX_LINE + usize::from(self.0.ends_with('\r'));
        if self.0.len() > longest { Err(TooLong) } else { Ok(()) }
    }
}

/// Whether more lines are wanted.
#[derive(PartialEq, Eq)]
pub(crate) enum Wanted {
    More,
    NoMore,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pieces: &[&str]) -> Result<Vec<String>, TooLong> {
        let (mut lines, mut all) = (Lines::default(), Vec::new());
        for piece in pieces {
            lines.read(piece, |line| {
                all.push(line.to_owned());
                Wanted::More
            })?;
        }
        Ok(all)
    }

    #[test]
    fn lines_are_whole_however_they_are_cut() {
        let whole = "a\r\n\ndata: b\n€\r\n";
        let lines = Ok(["a", "", "data: b", "€"].map(Into::into).to_vec());
        assert_eq!(read(&[whole]), lines);
        let single: Vec<String> = whole.chars().map(Into::into).collect();
        assert_eq!(read(&single.iter().map(String::as_str).collect::<Vec<_>>()), lines);
        assert_eq!(read(&[whole, "not ended"]), lines);
    }

    #[test]
    fn a_line_has_a_bound() {
        let longest = "x".repeat(MAX_LINE);
        assert_eq!(read(&[&longest, "\r", "\n"]).map(|lines| lines.len()), Ok(1));
        assert_eq!(read(&[&longest, "x"]), Err(TooLong));
        assert_eq!(read(&[&format!("{longest}x\n")]), Err(TooLong));
    }
}
