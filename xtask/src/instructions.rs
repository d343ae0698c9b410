//! `cargo xtask instructions`: builds what is counted, and has `host/bench` count it.
//!
//! In the profile `dev`, and of the whole workspace: so the tests have built it already.

use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::bench::{Args, BENCH};
use crate::failure::{Failure, Result};
use crate::process;
use crate::report::{self, Status};
use crate::setup::valgrind;
use crate::workspace::{Profile, Workspace};

/// The bench of this name in the package of the server.
const NAME: &str = "instructions";

/// Runs the subcommand.
pub(crate) fn run(workspace: &Workspace, args: &Args) -> Result {
    if !cfg!(all(target_os = "linux", target_arch = "x86_64")) {
        report::line(Status::Skipped, "instructions: those that are recorded are of x86-64 Linux");
        return Ok(());
    }
    valgrind::ensure()?;
    report::line(Status::Running, "building what is counted");
    let mut build = workspace.build(Profile::Dev, BENCH);
    build.args(["--bench", NAME, "--message-format", "json-render-diagnostics"]);
    let counted = executable(&process::output(&mut build)?)
        .ok_or_else(|| Failure::new(format!("cargo has not said where the bench {NAME} is")))?;
    let mut bench = args.bench(workspace, Profile::Dev, &[NAME]);
    process::run(bench.env("ROOMCAST_INSTRUCTIONS", counted))
}

/// Where the bench is, of the lines that cargo writes while it builds.
fn executable(messages: &str) -> Option<PathBuf> {
    let mut messages = messages.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    messages.find_map(|message| {
        let path = message["executable"].as_str()?;
        (message["target"]["name"] == NAME).then(|| Path::new(path).to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_program_is_found_in_what_cargo_says() {
        let messages = "{\"reason\":\"x\",\"target\":{\"name\":\"instructions\"},\"executable\":null}\n\
            {\"target\":{\"name\":\"encode\"},\"executable\":\"/t/encode-1\"}\n\
            {\"target\":{\"name\":\"instructions\"},\"executable\":\"/t/instructions-1\"}";
        assert_eq!(executable(messages), Some("/t/instructions-1".into()));
        assert_eq!(executable("no json"), None);
    }
}
