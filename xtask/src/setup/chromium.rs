//! A browser for the tests of the demo page.

use std::env;
use std::path::PathBuf;
use std::process::Command;

use super::{Tool, apt};
use crate::failure::Result;
use crate::process;

/// Names that Chromium and its kin go by.
const NAMES: [&str; 4] = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

/// Names the browser, where it is not on the search path.
pub(super) const VARIABLE: &str = "CHROMIUM";

/// Finds the browser: `$CHROMIUM`, or one on the search path; or installs Debian's.
pub(super) fn ensure() -> Result<Tool> {
    if let Some(named) = env::var_os(VARIABLE).filter(|value| !value.is_empty()) {
        return ready(PathBuf::from(named));
    }
    let advice = format!("Install Chromium or Chrome, or name one in the variable {VARIABLE}");
    ready(apt::program(&NAMES, "chromium", "the demo page is tested in a Chromium browser", &advice)?)
}

fn ready(path: PathBuf) -> Result<Tool> {
    let version = process::output(Command::new(&path).arg("--version"))?;
    Ok(Tool { path, version })
}
