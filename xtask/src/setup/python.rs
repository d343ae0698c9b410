//! Python for the tests' clients, with their packages in a virtual environment.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::stamp::Stamp;
use super::{Tool, apt};
use crate::failure::{Failure, Result};
use crate::process;
use crate::report::{self, Status};
use crate::workspace::Workspace;

/// Makes the virtual environment, with what `tests/clients/requirements.txt` lists.
pub(super) fn ensure(workspace: &Workspace) -> Result<Tool> {
    let environment = environment(workspace);
    let python = environment.join("bin/python");
    let requirements = workspace.clients().join("requirements.txt");
    let stamp = Stamp::new(&environment, &requirements)?;
    // The program is started as well: the environment may have been made by a Python that is gone.
    if !(stamp.is_current() && process::succeeds(Command::new(&python).arg("--version"))) {
        create(&environment)?;
        report::line(Status::Installing, format_args!("python: pip install -r {}", workspace.show(&requirements)));
        process::output(pip_install(&python).arg("-r").arg(&requirements))?;
        stamp.write()?;
    }
    let version = process::output(Command::new(&python).arg("--version"))?;
    Ok(Tool { path: python, version })
}

/// Where the virtual environment is.
pub(super) fn environment(workspace: &Workspace) -> PathBuf {
    workspace.clients().join(".venv")
}

/// `pip install` in the environment of this Python, short of what to install.
pub(super) fn pip_install(python: &Path) -> Command {
    let mut pip = Command::new(python);
    pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"]);
    pip
}

/// Makes a virtual environment, in place of one that is there.
pub(super) fn create(environment: &Path) -> Result {
    if environment.exists() {
        fs::remove_dir_all(environment).map_err(|cause| Failure::file("remove", environment, &cause))?;
    }
    report::line(Status::Installing, format_args!("python: a virtual environment in {}", environment.display()));
    let make = |python: &str| process::output(Command::new(python).args(["-m", "venv"]).arg(environment)).map(drop);
    // Debian splits venv off into a package of its own, so a Python that is there may still be unable.
    make("python3").or_else(|cause| {
        apt::install(&["python3", "python3-venv"]).map_err(|no_apt| {
            Failure::new(format!(
                "a virtual environment could not be made: {cause}; {no_apt}. Install Python 3.9 or later with its modules \
                 venv and pip"
            ))
        })?;
        make("/usr/bin/python3")
    })
}
