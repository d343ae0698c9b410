//! The browser of whoever works here, by the program that the system has for that.

use std::io;
use std::process::{Command, ExitStatus, Stdio};
use std::thread;

use crate::project::build::note;

/// What opens an address: on macOS, on Linux and the BSDs, and on Linux within Windows.
const PROGRAMS: [&str; 3] = ["open", "xdg-open", "wslview"];

/// Open an address. What goes wrong is said, and nothing else follows from it.
pub(super) fn open(url: &str) {
    // Elsewhere `open` is another program.
    let programs = if cfg!(target_os = "macos") { &PROGRAMS[..1] } else { &PROGRAMS[1..] };
    for program in programs {
        let mut command = Command::new(program);
        command.arg(url).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        match command.spawn() {
            Ok(mut child) => {
                // It may stay for as long as the browser does.
                let wait = move || report(program, &child.wait());
                _ = thread::Builder::new().name("browser".into()).spawn(wait);
                return;
            }
            Err(why) if why.kind() == io::ErrorKind::NotFound => {}
            Err(why) => return note(format_args!("the browser is not opened: {program}: {why}")),
        }
    }
    note(format_args!("the browser is not opened, since there is no {}: open {url}", programs.join(" and no ")));
}

fn report(program: &str, ended: &io::Result<ExitStatus>) {
    if let Ok(status) = ended
        && !status.success()
    {
        note(format_args!("the browser is not opened: {program} has failed ({status})"));
    }
}
