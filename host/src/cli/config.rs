//! `roomcast config`: the resolved configuration.

use super::print::print;
use super::serve::ServeArgs;

pub(super) fn run(args: &ServeArgs) -> Result<(), String> {
    print(&args.resolve()?.to_toml())
}
