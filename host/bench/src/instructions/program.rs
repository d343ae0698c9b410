//! The program that is counted, and valgrind around it.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context as _, Result};
use fs_err as fs;

use crate::process;

/// Its functions at which the counters are set to zero, and written out.
const WINDOW: [&str; 2] = ["--zero-before=instructions::begin", "--dump-before=instructions::end"];
/// How often a part is counted at most.
const COUNTS: u32 = 3;

pub(super) struct Program {
    path: PathBuf,
    /// Where valgrind writes to.
    folder: PathBuf,
}

impl Program {
    pub(super) fn new(path: PathBuf, folder: PathBuf) -> Self {
        Self { path, folder }
    }

    /// The names of what it can do.
    pub(super) fn parts(&self) -> Result<Vec<String>> {
        Ok(process::output(&mut Command::new(&self.path))?.lines().map(str::to_owned).collect())
    }

    /// The instructions that it takes to do a part once; the least of several counts, or the first that is good enough.
    /// They differ by how the threads happen to take turns, and by the ticks of a clock.
    pub(super) fn least(&self, part: &str, is_enough: impl Fn(u64) -> bool) -> Result<u64> {
        let mut least = self.count(part)?;
        for _ in 1..COUNTS {
            if is_enough(least) {
                break;
            }
            least = least.min(self.count(part)?);
        }
        Ok(least)
    }

    fn count(&self, part: &str) -> Result<u64> {
        let trace = self.trace(part);
        // The directory has to be there, and what an earlier run has left must not be taken for this one's.
        fs::create_dir_all(&self.folder)?;
        fs::write(&trace, b"")?;
        let mut valgrind = Command::new("valgrind");
        valgrind.args(["--quiet", "--tool=callgrind"]).args(WINDOW);
        valgrind.arg(format!("--callgrind-out-file={}", trace.with_extension("").display()));
        let times = process::output(valgrind.arg(&self.path).arg(part))?;
        let times = times.parse().ok().filter(|times| *times > 0);
        let times: u64 = times.with_context(|| format!("{part}: it does not say how often it was done"))?;
        let total = total(&fs::read_to_string(&trace)?)
            .with_context(|| format!("{}: there is no count in it", trace.display()))?;
        Ok((total + times / 2) / times)
    }

    /// What valgrind writes about a part.
    pub(super) fn trace(&self, part: &str) -> PathBuf {
        self.folder.join(format!("{}.out.1", file_name(part)))
    }
}

/// All of it: the sum over the threads. Their `summary` is since they began.
fn total(trace: &str) -> Option<u64> {
    trace.lines().find_map(|line| line.strip_prefix("totals: "))?.trim().parse().ok()
}

fn file_name(part: &str) -> String {
    let words = part.split(|letter: char| !letter.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join("-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_count_is_that_of_all_threads() {
        assert_eq!(total("summary: 7\n\n\ntotals: 1234\n"), Some(1234));
        assert_eq!(total("summary: 7\n"), None);
    }

    #[test]
    fn a_part_has_a_file() {
        assert_eq!(file_name("plugin call, the lobby's connect"), "plugin-call-the-lobby-s-connect");
    }
}
