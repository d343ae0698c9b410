//! `cargo xtask plugins`: all components of this repository, from source.

use crate::failure::{Failure, Result};
use crate::guests::{self, Guest};
use crate::workspace::Workspace;

/// Build the plugins, and the guests of the tests, for wasm32-wasip2
///
/// Puts them at target/plugins/NAME.wasm, those of the tests at target/plugins/test/NAME.wasm; the same bytes on every
/// machine with the same compiler.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Only these, by the name of their folder
    #[arg(value_name = "NAME")]
    names: Vec<String>,
}

/// Runs the subcommand.
pub(crate) fn run(workspace: &Workspace, args: &Args) -> Result {
    let guests = chosen(guests::all(workspace), &args.names)?;
    guests::build(workspace, &guests)
}

/// Those with the names, or all where none is given.
fn chosen(all: Vec<Guest>, names: &[String]) -> Result<Vec<Guest>> {
    if let Some(unknown) = names.iter().find(|name| !all.iter().any(|guest| &guest.name == *name)) {
        let known: Vec<&str> = all.iter().map(|guest| guest.name.as_str()).collect();
        return Err(Failure::new(format!("there is no plugin `{unknown}`; there are: {}", known.join(", "))));
    }
    Ok(all.into_iter().filter(|guest| names.is_empty() || names.contains(&guest.name)).collect())
}
