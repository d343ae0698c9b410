//! Waiting until a server has noticed that all streams have left.

use std::time::Duration;

use anyhow::{Context as _, Result};

use crate::probe::usage;
use crate::wait;

/// How long a server may take to notice it.
const LEAVE: Duration = Duration::from_secs(30);
/// The plugin learns of it after the sockets are closed, and tells the others a moment later. An allocator that gives unused
/// pages back does so after a second or two.
const AFTER: Duration = Duration::from_secs(4);

/// Waits until a process has no more files open than it had before, and a moment longer.
pub(super) fn wait_until_closed(process: u32, files: usize) -> Result<()> {
    wait::until(LEAVE, || Ok((usage::open_files(process)? <= files).then_some(())))?
        .with_context(|| format!("the server still holds streams {LEAVE:?} after all have left"))?;
    wait::until(AFTER, || Ok(None::<()>)).map(drop)
}
