//! `roomcast config`: the resolved configuration.

use anyhow::Result;

use super::print::print;
use super::serve::ServeArgs;

pub(super) fn run(args: &ServeArgs) -> Result<()> {
    print(&args.resolve()?.to_toml())
}
