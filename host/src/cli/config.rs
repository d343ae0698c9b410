//! `roomcast config`: the resolved configuration, if a server would start with it.

use anyhow::Result;

use super::print::print;
use super::serve::ServeArgs;
use crate::app;

pub(super) fn run(args: &ServeArgs) -> Result<()> {
    let config = args.resolve()?;
    app::check(&config)?;
    print(&config.to_toml())
}
