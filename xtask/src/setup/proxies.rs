//! The proxies of the tests: nginx, HAProxy and Apache httpd.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::{Tool, apt};
use crate::failure::{Failure, Result};
use crate::process;

/// Where Debian has servers; not on every user's search path.
const SBIN: &str = "/usr/sbin";
/// Each program, and its package.
const PROXIES: [(&str, &str); 3] = [("nginx", "nginx-light"), ("haproxy", "haproxy"), ("apache2", "apache2-bin")];

/// Finds the three, or installs Debian's.
pub(super) fn ensure() -> Result<Tool> {
    let missing: Vec<_> = PROXIES.iter().filter(|(program, _)| find(program).is_none()).collect();
    if !missing.is_empty() {
        let packages: Vec<_> = missing.iter().map(|(_, package)| *package).collect();
        apt::install(&packages).map_err(|cause| {
            let programs: Vec<_> = missing.iter().map(|(program, _)| *program).collect();
            Failure::new(format!(
                "the server is tested behind proxies; {cause}. Install {}, of which the tests start their own",
                programs.join(", ")
            ))
        })?;
    }
    let found = |program: &str| {
        find(program).ok_or_else(|| Failure::new(format!("{program} was installed, yet is not on the search path")))
    };
    let haproxy = process::output(Command::new(found("haproxy")?).arg("-v"))?;
    let apache = process::output(Command::new(found("apache2")?).arg("-v"))?;
    // It writes its version to its standard error.
    let path = found("nginx")?;
    let nginx = Command::new(&path).arg("-v").output().map(|output| output.stderr).unwrap_or_default();
    let version = [String::from_utf8_lossy(&nginx).into_owned(), haproxy, apache]
        .iter()
        .filter_map(|said| Some(said.lines().next()?.trim_start_matches("nginx version: ").to_owned()))
        .collect::<Vec<_>>()
        .join(", ");
    Ok(Tool { path, version })
}

fn find(program: &str) -> Option<PathBuf> {
    process::find(&[program]).or_else(|| Some(Path::new(SBIN).join(program)).filter(|path| path.is_file()))
}
