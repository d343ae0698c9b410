//! `roomcast component`: a component of a core module.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::print::print;
use crate::project::{self, Encoding, Recipe};

/// A core module, and what is to become of it.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The core module, binary or as text.
    #[arg(value_name = "CORE.wasm")]
    module: PathBuf,
    /// Where the component goes.
    #[arg(short, long, value_name = "PLUGIN.wasm")]
    output: PathBuf,
    /// The folder with the WIT, if the module does not describe its type itself, as with wit-bindgen's C it does.
    #[arg(long, value_name = "DIR", requires = "world")]
    wit: Option<PathBuf>,
    /// The world in it that the module implements.
    #[arg(long, value_name = "NAME", requires = "wit")]
    world: Option<String>,
    /// How texts lie in the module's memory.
    #[arg(long, value_enum, default_value_t)]
    encoding: Encoding,
}

pub(super) fn run(args: &Args) -> Result<()> {
    let shown = |path: &Path| path.display().to_string();
    let recipe = Recipe { world: args.wit.clone().zip(args.world.clone()), encoding: args.encoding };
    let module = std::fs::read(&args.module).with_context(|| shown(&args.module))?;
    let component = project::componentize(&module, &recipe).with_context(|| shown(&args.module))?;
    std::fs::write(&args.output, &component).with_context(|| shown(&args.output))?;
    print(&format!("{}: {} bytes", args.output.display(), component.len()))
}
