//! What a process has used: CPU and memory, from /proc.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use fs_err as fs;

/// The CPU time of each thread of a process at one moment.
///
/// Kept by thread, since a thread that ends takes its time out of the folder: the difference of two sums could even
/// be negative.
pub(crate) struct Cpu(HashMap<String, Duration>);

impl Cpu {
    /// Reads the nanoseconds that the scheduler has counted. On loopback they contain the receiving half of the
    /// kernel's work too, for every server alike.
    pub(crate) fn of(process: u32) -> Result<Self> {
        let folder = folder(process).join("task");
        let entries = fs::read_dir(&folder)?;
        let threads = entries.flatten().filter_map(|entry| {
            // A thread that ended since the folder was read has no file any more.
            let text = fs::read_to_string(entry.path().join("schedstat")).ok()?;
            let nanoseconds = text.split(' ').next()?.parse().ok()?;
            Some((entry.file_name().to_string_lossy().into_owned(), Duration::from_nanos(nanoseconds)))
        });
        let threads: HashMap<_, _> = threads.collect();
        if threads.is_empty() {
            bail!("{} has no readable schedstat: the kernel was built without CONFIG_SCHED_INFO", folder.display());
        }
        Ok(Self(threads))
    }

    /// The time used between an earlier moment and this one.
    pub(crate) fn since(&self, earlier: &Self) -> Duration {
        let used = |(thread, time): (&String, &Duration)| {
            time.saturating_sub(earlier.0.get(thread).copied().unwrap_or_default())
        };
        self.0.iter().map(used).sum()
    }
}

/// The memory of a process that is its own and no file's, in bytes: heap, stacks, and the memory of plugins.
pub(crate) fn memory(process: u32) -> Result<u64> {
    let path = folder(process).join("smaps_rollup");
    anonymous(&fs::read_to_string(&path)?)
        .with_context(|| format!("{} has no line `Anonymous: ... kB`", path.display()))
}

/// How many files a process has open.
pub(crate) fn open_files(process: u32) -> Result<usize> {
    let path = folder(process).join("fd");
    Ok(fs::read_dir(&path)?.count())
}

fn folder(process: u32) -> PathBuf {
    Path::new("/proc").join(process.to_string())
}

fn anonymous(rollup: &str) -> Option<u64> {
    let value = rollup.lines().find_map(|line| line.strip_prefix("Anonymous:"))?;
    let kilobytes: u64 = value.trim().strip_suffix(" kB")?.parse().ok()?;
    Some(kilobytes * 1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cpu(threads: &[(&str, u64)]) -> Cpu {
        Cpu(threads.iter().map(|(id, micros)| ((*id).to_owned(), Duration::from_micros(*micros))).collect())
    }

    #[test]
    fn threads_that_come_count_and_threads_that_went_take_nothing_away() {
        let before = cpu(&[("1", 100), ("2", 5000)]);
        let after = cpu(&[("1", 130), ("3", 7)]);
        assert_eq!(after.since(&before), Duration::from_micros(37));
    }

    #[test]
    fn anonymous_memory_is_read_in_bytes() {
        assert_eq!(anonymous("Rss:  10 kB\nAnonymous:             112 kB\nAnonHugePages: 0 kB\n"), Some(112 * 1024));
        assert_eq!(anonymous("Rss: 10 kB\n"), None);
    }
}
