//! nginx with nchan, which the server is measured beside. Not one of the parts: only `cargo xtask bench` needs it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::failure::{Failure, Result};
use crate::process;
use crate::report::{self, Status};

const PACKAGES: [&str; 2] = ["nginx", "libnginx-mod-nchan"];
/// What has to be in them.
const FILES: [&str; 2] = ["usr/sbin/nginx", "usr/lib/nginx/modules/ngx_nchan_module.so"];
/// nchan has nginx create the folder `body` in it, whatever the configuration says.
const STATE: &str = "/var/lib/nginx";

/// Finds it installed, or unpacks Debian's packages into a folder: nothing is configured or started. Answers the folder
/// that its files are below.
pub(crate) fn ensure(folder: &Path) -> Result<PathBuf> {
    let found = [Path::new("/"), folder].into_iter().find(|root| is_below(root));
    let found = found.map_or_else(|| unpack(folder), |root| Ok(root.to_owned()))?;
    fs::create_dir_all(STATE).map_err(|cause| {
        Failure::new(format!("nchan needs the folder {STATE}, which cannot be created ({cause}): create it as root"))
    })?;
    Ok(found)
}

fn is_below(root: &Path) -> bool {
    FILES.iter().all(|file| root.join(file).exists())
}

/// Downloads the packages and unpacks them; this needs no rights.
fn unpack(root: &Path) -> Result<PathBuf> {
    let names = PACKAGES.join(" ");
    let advice = |cause: &Failure| {
        Failure::new(format!(
            "it is not installed, and `apt-get download {names}` did not bring it: {cause}. Install the packages, on Debian \
             or its kin `apt-get install {names}`"
        ))
    };
    report::line(Status::Installing, format_args!("nchan: apt-get download {names}"));
    let packages = root.join("packages");
    fs::create_dir_all(&packages).map_err(|cause| Failure::file("create", &packages, &cause))?;
    let download =
        || process::output(Command::new("apt-get").current_dir(&packages).args(["download", "-q"]).args(PACKAGES));
    // A new machine has no package lists, one that has run for months has old ones. Only root can fetch them.
    let update = |cause| process::output(Command::new("apt-get").args(["update", "-q"])).map_err(|_| cause);
    download().or_else(|cause| update(cause).and_then(|_| download())).map_err(|cause| advice(&cause))?;
    let files = fs::read_dir(&packages).map_err(|cause| Failure::file("read", &packages, &cause))?;
    for file in
        files.flatten().map(|entry| entry.path()).filter(|path| path.extension().is_some_and(|end| end == "deb"))
    {
        process::output(Command::new("dpkg-deb").arg("--extract").arg(file).arg(root))
            .map_err(|cause| advice(&cause))?;
    }
    if is_below(root) {
        Ok(root.to_owned())
    } else {
        Err(advice(&Failure::new("the packages have no nginx, or no module")))
    }
}
