//! The engines of other browsers than Chromium, for the tests of the pages.

use std::env;
use std::path::PathBuf;
use std::process::Command;

use super::{Tool, apt};
use crate::failure::{Failure, Result};
use crate::process;

/// Names Firefox, where it is not on the search path.
pub(super) const FIREFOX: &str = "FIREFOX";
/// Names the WebDriver of WebKitGTK, where it is not on the search path.
pub(super) const WEBKIT: &str = "WEBKIT_DRIVER";

/// Finds Firefox: `$FIREFOX`, or one on the search path; or installs Debian's.
pub(super) fn firefox() -> Result<Tool> {
    let advice = format!("Install Firefox, or name one in the variable {FIREFOX}");
    let path = match named(FIREFOX) {
        Some(path) => path,
        None => apt::program(&["firefox-esr", "firefox"], "firefox-esr", "the pages are tested in Firefox", &advice)?,
    };
    let version = process::output(Command::new(&path).arg("--version"))?;
    Ok(Tool { path, version })
}

/// Finds the WebDriver of WebKitGTK: `$WEBKIT_DRIVER`, or one on the search path; and Xvfb. Or installs Debian's.
pub(super) fn webkit() -> Result<Tool> {
    let find = || named(WEBKIT).or_else(|| process::find(&["WebKitWebDriver"]));
    if find().is_none() || process::find(&["Xvfb"]).is_none() {
        apt::install(&["webkit2gtk-driver", "xvfb"]).map_err(|cause| {
            Failure::new(format!(
                "the pages are tested in WebKitGTK, the engine of Safari; {cause}. Install its WebDriver (the program \
                 `WebKitWebDriver`, and the `MiniBrowser` that comes with it), or name it in the variable {WEBKIT}; and Xvfb"
            ))
        })?;
    }
    let path = find().ok_or_else(|| Failure::new("it was installed, yet is not on the search path"))?;
    // It does not tell its version.
    Ok(Tool { path, version: "WebKitGTK".into() })
}

fn named(variable: &str) -> Option<PathBuf> {
    env::var_os(variable).filter(|value| !value.is_empty()).map(PathBuf::from)
}
