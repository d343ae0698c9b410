//! How a verb's failure ends the process: its line on standard error, and its exit code.

use std::process::ExitCode;

use anyhow::Error;
use thiserror::Error;

use crate::config;
use crate::logging;

/// The exit code of arguments and configurations that are wrong: `EX_USAGE` of `sysexits.h`.
pub(super) const USAGE: u8 = 64;

/// Arguments that are wrong in a way that clap does not see.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{0}")]
pub(super) struct UsageError(pub(super) String);

/// Print why a verb has failed; its exit code.
pub(super) fn report(error: &Error) -> ExitCode {
    logging::fatal(&format!("{error:#}"));
    ExitCode::from(code(error))
}

fn code(error: &Error) -> u8 {
    let is_usage = error.chain().any(|cause| cause.is::<UsageError>() || cause.is::<config::Error>());
    if is_usage { USAGE } else { 1 }
}

#[cfg(test)]
mod tests {
    use anyhow::{Context, anyhow};

    use super::*;

    #[test]
    fn wrong_arguments_have_a_code_of_their_own_whatever_is_said_around_them() {
        let usage = Err::<(), _>(UsageError("no address".into()));
        assert_eq!(code(&usage.context("tail").expect_err("an error")), USAGE);
        assert_eq!(code(&config::Error::from("unknown key".to_owned()).into()), USAGE);
        assert_eq!(code(&anyhow!("no server answers")), 1);
    }
}
