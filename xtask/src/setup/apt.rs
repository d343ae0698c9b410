//! Packages of Debian and its kin.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::failure::{Failure, Result};
use crate::process;
use crate::report::{self, Status};

/// Finds a program by one of its names, or installs its package. `purpose` says who needs it, `advice` how else to get it.
pub(super) fn program(names: &[&str], package: &str, purpose: &str, advice: &str) -> Result<PathBuf> {
    if process::find(names).is_none() {
        install(&[package]).map_err(|cause| Failure::new(format!("{purpose}; {cause}. {advice}")))?;
    }
    process::find(names).ok_or_else(|| Failure::new("it was installed, yet is not on the search path"))
}

/// Installs packages, if this is Debian and no password is needed; otherwise the error says why not.
pub(super) fn install(packages: &[&str]) -> Result {
    let with_rights = privilege()?;
    let names = packages.join(" ");
    report::line(Status::Installing, format_args!("{names}: apt-get install {names}"));
    let install = || {
        let mut command = apt_get(with_rights);
        command.args(["install", "-y", "-q", "--no-install-recommends"]).args(packages);
        process::output(&mut command).map(drop)
    };
    // A new machine has no package lists, one that has run for months has old ones: fetch them when it fails.
    install().or_else(|_| {
        process::output(apt_get(with_rights).args(["update", "-q"]))?;
        install()
    })
}

/// How a package is installed.
#[derive(Clone, Copy)]
enum Privilege {
    Root,
    Sudo,
}

fn privilege() -> Result<Privilege> {
    if !Path::new("/usr/bin/apt-get").exists() {
        return Err(Failure::new("it cannot be installed from here, since this is no Debian machine"));
    }
    if rustix::process::geteuid().is_root() {
        return Ok(Privilege::Root);
    }
    if process::succeeds(Command::new("sudo").args(["-n", "true"])) {
        return Ok(Privilege::Sudo);
    }
    Err(Failure::new("it cannot be installed from here: this is not root, and sudo wants a password"))
}

fn apt_get(privilege: Privilege) -> Command {
    // `env` and not Command::env: sudo would drop the variable.
    let mut command = match privilege {
        Privilege::Root => Command::new("env"),
        Privilege::Sudo => {
            let mut sudo = Command::new("sudo");
            sudo.args(["-n", "env"]);
            sudo
        }
    };
    // Another apt-get may be at work, as on a machine that has just started: wait for it.
    command.args(["DEBIAN_FRONTEND=noninteractive", "apt-get", "-o", "DPkg::Lock::Timeout=300"]);
    command
}
