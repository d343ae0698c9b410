//! `cargo xtask setup`: everything that the builds and tests of this repository need beside Rust.
//!
//! Each part finds its tool, or installs it where that is possible without asking, or explains what to do. A part
//! that is there costs a few milliseconds, so the other subcommands simply call this first.

mod apt;
mod chromium;
mod curl;
mod engines;
mod languages;
mod make;
pub(crate) mod nchan;
mod node;
mod proxies;
mod python;
mod stamp;
pub(crate) mod valgrind;
mod wasm;

use std::fmt;
use std::path::{Path, PathBuf};

use clap::ValueEnum;

use crate::failure::{Failure, Result};
use crate::report::{self, Status};
use crate::workspace::Workspace;

/// Make present what builds and tests need
///
/// Prints one line for each part: `ok`, `installing ...`, or `missing` with what to do. Nothing is installed
/// outside this repository, except the compilation target by rustup, and Debian packages where this runs as root
/// or sudo asks no password.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Only this part; may be given several times
    #[arg(long, value_enum, value_name = "PART")]
    only: Vec<Part>,
}

/// One thing that has to be there.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Part {
    /// make and a C compiler, for the server's allocator
    Make,
    /// The compilation target wasm32-wasip2, for plugins
    Wasm,
    /// Python 3.9 or later, with the tests' packages in tests/clients/.venv
    Python,
    /// Node.js 20 or later, with the tests' packages in tests/clients/node_modules
    Node,
    /// A Chromium browser, for the tests of the demo page
    Chromium,
    /// Firefox, for the tests of the pages
    Firefox,
    /// WebKitGTK with its WebDriver, and a display for it, for the tests of the pages
    Webkit,
    /// curl, for the tests of plain HTTP
    Curl,
    /// nginx, HAProxy and Apache httpd, for the tests behind proxies
    Proxies,
    /// The compilers of plugins in Python, Go, C and C++, in tests/languages/.venv
    Languages,
}

/// A tool that is ready for use.
pub(crate) struct Tool {
    /// The program.
    pub(crate) path: PathBuf,
    /// Its version, as it prints it itself.
    pub(crate) version: String,
}

impl Part {
    /// The parts that only the tests with real clients need. Node comes after Python, which can bring it.
    pub(crate) const CLIENTS: [Self; 5] = [Self::Python, Self::Node, Self::Chromium, Self::Curl, Self::Proxies];

    /// More browsers for the tests with real clients, which not every system has.
    pub(crate) const ENGINES: [Self; 2] = [Self::Firefox, Self::Webkit];

    /// The variable that tells the tests where the tool is, if they want to know.
    pub(crate) const fn variable(self) -> Option<&'static str> {
        match self {
            Self::Make | Self::Wasm | Self::Proxies => None,
            Self::Python => Some("ROOMCAST_PYTHON"),
            Self::Node => Some("ROOMCAST_NODE"),
            // The name that people set already when theirs is somewhere else.
            Self::Chromium => Some(chromium::VARIABLE),
            Self::Firefox => Some(engines::FIREFOX),
            Self::Webkit => Some(engines::WEBKIT),
            Self::Curl => Some("ROOMCAST_CURL"),
            Self::Languages => Some("ROOMCAST_LANGUAGES"),
        }
    }

    /// Makes the part present, says so in one line, and answers where it is.
    pub(crate) fn ensure(self, workspace: &Workspace) -> Result<Tool> {
        let found = match self {
            Self::Make => make::ensure(),
            Self::Wasm => wasm::ensure(workspace),
            Self::Python => python::ensure(workspace),
            Self::Node => node::ensure(workspace, &workspace.clients()),
            Self::Chromium => chromium::ensure(),
            Self::Firefox => engines::firefox(),
            Self::Webkit => engines::webkit(),
            Self::Curl => curl::ensure(),
            Self::Proxies => proxies::ensure(),
            Self::Languages => languages::ensure(workspace),
        };
        match &found {
            Ok(tool) => report::line(Status::Ok, format_args!("{self}: {} ({})", tool.version, tool.path.display())),
            Err(advice) => report::line(Status::Missing, format_args!("{self}: {advice}")),
        }
        found
    }
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Make => "make",
            Self::Wasm => "wasm",
            Self::Python => "python",
            Self::Node => "node",
            Self::Chromium => "chromium",
            Self::Firefox => "firefox",
            Self::Webkit => "webkit",
            Self::Curl => "curl",
            Self::Proxies => "proxies",
            Self::Languages => "languages",
        })
    }
}

/// Makes Node.js present with the packages of another folder than the tests'.
pub(crate) fn node_with_packages(workspace: &Workspace, folder: &Path) -> Result<Tool> {
    node::ensure(workspace, folder)
}

/// Runs the subcommand.
pub(crate) fn run(workspace: &Workspace, args: &Args) -> Result {
    let parts = if args.only.is_empty() { Part::value_variants() } else { &args.only };
    ensure(workspace, parts).map(drop)
}

/// Makes several parts present, in the order given. All are tried before the first that is missing becomes an error.
pub(crate) fn ensure(workspace: &Workspace, parts: &[Part]) -> Result<Vec<(Part, Tool)>> {
    let mut ready = Vec::new();
    let mut missing = Vec::new();
    for &part in parts {
        match part.ensure(workspace) {
            Ok(tool) => ready.push((part, tool)),
            Err(_) => missing.push(part.to_string()),
        }
    }
    if missing.is_empty() {
        return Ok(ready);
    }
    Err(Failure::new(format!("not ready: {}; see above what to do", missing.join(", "))))
}
