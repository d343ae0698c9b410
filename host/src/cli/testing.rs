//! What `roomcast test` takes.

use std::path::PathBuf;

use clap::Args;

/// Which plugin, and which scenarios.
#[derive(Debug, Clone, Args)]
pub struct TestArgs {
    /// The plugin's folder, with its roomcast.toml; or a component.
    #[arg(value_name = "DIR|PLUGIN.wasm", default_value = ".")]
    pub target: PathBuf,
    /// Only scenarios that have one of these texts in their name, or in their file's. None given: all.
    #[arg(value_name = "NAME")]
    pub names: Vec<String>,
    /// A folder with *.scenario files, or one such file [default: scenarios in the plugin's folder].
    #[arg(long, value_name = "DIR|FILE")]
    pub scenarios: Option<PathBuf>,
    /// Test what was built before, even if its source has changed since.
    #[arg(long)]
    pub no_build: bool,
    /// Show everything that was done and that came, with the time.
    #[arg(short, long)]
    pub verbose: bool,
    /// Only say which scenarios there are.
    #[arg(long)]
    pub list: bool,
}
