//! `roomcast completions`: a script for a shell.

use anyhow::Result;
use clap_complete::Shell;

use super::print::print;

/// Which shell.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The shell.
    shell: Shell,
}

pub(super) fn run(args: &Args, mut command: clap::Command) -> Result<()> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut command, "roomcast", &mut script);
    print(&String::from_utf8_lossy(&script))
}
