//! The compilers of plugins in Python, Go, C and C++, as Python packages in a virtual environment.

use std::path::PathBuf;
use std::process::Command;

use super::stamp::Stamp;
use super::{Tool, python};
use crate::failure::{Failure, Result};
use crate::process;
use crate::report::{self, Status};
use crate::workspace::Workspace;

/// Makes the virtual environment, with what `tests/languages/requirements.txt` lists.
pub(super) fn ensure(workspace: &Workspace) -> Result<Tool> {
    let folder = workspace.root.join("tests/languages");
    let requirements = folder.join("requirements.txt");
    let environment = environment(workspace);
    let python = environment.join("bin/python");
    let stamp = Stamp::new(&environment, &requirements)?;
    if !(stamp.is_current() && process::succeeds(Command::new(&python).arg("--version"))) {
        python::create(&environment)?;
        report::line(Status::Installing, format_args!("languages: pip install -r {}", workspace.show(&requirements)));
        let install = process::output(python::pip_install(&python).arg("-r").arg(&requirements));
        install.map_err(|cause| Failure::new(format!("the compilers of plugins in other languages: {cause}")))?;
        stamp.write()?;
    }
    let version = process::output(Command::new(environment.join("bin/go")).arg("version"))?;
    Ok(Tool { path: python, version: format!("Python, zig, {version}") })
}

/// Where the virtual environment is.
fn environment(workspace: &Workspace) -> PathBuf {
    workspace.root.join("tests/languages/.venv")
}
