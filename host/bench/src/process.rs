//! Other programs, and what they say.

use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, bail};

/// How many of the last lines of a failed program's output go into the error.
const TAIL: usize = 15;

/// Runs a program without showing its output, and answers what it wrote to its standard output, trimmed.
/// The error of a program that failed ends with the last lines that it wrote.
pub(crate) fn output(command: &mut Command) -> Result<String> {
    let program = Path::new(command.get_program()).display().to_string();
    let output = command.stdin(Stdio::null()).output().with_context(|| format!("cannot start {program}"))?;
    let text = String::from_utf8_lossy(&output.stdout);
    if output.status.success() {
        return Ok(text.trim().to_owned());
    }
    let both = format!("{text}{}", String::from_utf8_lossy(&output.stderr));
    bail!("{command:?} failed ({})\n{}", output.status, last(&both, TAIL))
}

/// The last lines of a text.
pub(crate) fn last(text: &str, count: usize) -> String {
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(count)..].join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failed_program_is_named_with_its_last_words() {
        let failure = output(Command::new("/bin/sh").args(["-c", "echo broken >&2; exit 3"])).unwrap_err();
        let text = failure.to_string();
        assert!(text.starts_with("\"/bin/sh\"") && text.ends_with("broken"), "{text}");
    }

    #[test]
    fn only_the_end_of_a_long_output_is_kept() {
        assert_eq!(last("1\n2\n3\n", 2), "2\n3");
        assert_eq!(last("short", 2), "short");
    }
}
