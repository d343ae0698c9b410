//! Other programs: running them, and saying what failed.

use std::env;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::failure::{Failure, Result};

/// How many of the last lines of a failed program's output go into the error.
const TAIL: usize = 15;

/// Runs a program with this terminal as its output.
pub(crate) fn run(command: &mut Command) -> Result {
    let status = command.status().map_err(|cause| cannot_start(command, &cause))?;
    if status.success() {
        return Ok(());
    }
    Err(Failure::new(format!("`{}` failed ({status}); its own words stand above", describe(command))))
}

/// Runs a program without showing its output, and answers what it wrote to its standard output, trimmed.
/// The error of a program that failed ends with the last lines that it wrote.
pub(crate) fn output(command: &mut Command) -> Result<String> {
    let output = command.stdin(Stdio::null()).output().map_err(|cause| cannot_start(command, &cause))?;
    let text = String::from_utf8_lossy(&output.stdout);
    if output.status.success() {
        return Ok(text.trim().to_owned());
    }
    let both = format!("{text}{}", String::from_utf8_lossy(&output.stderr));
    Err(Failure::new(format!("`{}` failed ({})\n{}", describe(command), output.status, tail(&both))))
}

/// Whether a program can be started, and succeeds.
pub(crate) fn succeeds(command: &mut Command) -> bool {
    let quiet = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    quiet.status().is_ok_and(|status| status.success())
}

/// The full path of a program: the first of the names that is on the search path.
pub(crate) fn find(names: &[&str]) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    let folders: Vec<PathBuf> = env::split_paths(&path).collect();
    names.iter().find_map(|name| folders.iter().map(|folder| folder.join(name)).find(|file| is_program(file)))
}

fn is_program(file: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    file.metadata().is_ok_and(|meta| meta.is_file() && meta.permissions().mode() & 0o111 != 0)
}

fn cannot_start(command: &Command, cause: &std::io::Error) -> Failure {
    Failure::new(format!("cannot start {}: {cause}", Path::new(command.get_program()).display()))
}

/// The command line, as one would type it; the folder of the program is left out.
fn describe(command: &Command) -> String {
    let program = Path::new(command.get_program());
    let mut text = program.file_name().unwrap_or(program.as_os_str()).to_string_lossy().into_owned();
    for argument in command.get_args() {
        text.push(' ');
        text.push_str(&argument.to_string_lossy());
    }
    text
}

fn tail(text: &str) -> String {
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(TAIL)..].join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failed_program_is_named_with_its_last_words() {
        let failure = output(Command::new("/bin/sh").args(["-c", "echo broken >&2; exit 3"])).unwrap_err();
        let text = failure.to_string();
        assert!(text.starts_with("`sh -c echo broken >&2; exit 3` failed"), "{text}");
        assert!(text.ends_with("broken"), "{text}");
    }

    #[test]
    fn the_first_program_that_exists_is_found() {
        assert!(find(&["no-such-program-anywhere", "sh"]).is_some_and(|path| path.ends_with("sh")));
        assert_eq!(find(&["no-such-program-anywhere"]), None);
    }

    #[test]
    fn only_the_end_of_a_long_output_is_kept() {
        let long: String = (1..=100).map(|number| format!("line {number}\n")).collect();
        assert!(tail(&long).starts_with("line 86\n"));
        assert!(tail(&long).ends_with("line 100"));
        assert_eq!(tail("short"), "short");
    }
}
