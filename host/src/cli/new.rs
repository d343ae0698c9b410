//! `roomcast new`: a folder with a plugin that builds and runs as it is.

use std::path::PathBuf;

use anyhow::Result;

use super::print::print;
use crate::project::{self, Language, SdkSource, Template};

/// A project to begin.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Examples:
  roomcast new my-chat --lang js
  roomcast new who-is-here --lang py --template presence

Each project has a page, a README and scenarios. In its folder,
`roomcast dev` builds and serves it, and `roomcast test` runs its scenarios.")]
pub(super) struct Args {
    /// The folder to make; its last part is the plugin's name, of a-z, 0-9 and -.
    name: PathBuf,
    /// The language to write it in.
    #[arg(long, value_name = "LANG")]
    lang: Language,
    /// What to begin with: a small plugin with its page and scenarios.
    #[arg(long, default_value = "chat", value_name = "TEMPLATE")]
    template: Template,
    /// Where the project has its SDK from.
    #[arg(long, value_enum, default_value_t, value_name = "SOURCE")]
    sdk: SdkSource,
}

pub(super) fn run(args: &Args) -> Result<()> {
    print(&project::create(&args.name, args.lang, args.template, args.sdk)?)
}
