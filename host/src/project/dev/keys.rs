//! What a person types while a project is served: a letter and Enter, so the terminal stays as it is.

use std::io::{self, IsTerminal};
use std::thread;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, poll};
use rustix::process::getpgrp;
use rustix::termios::tcgetpgrp;

/// What there is to type.
pub(super) const KEYS: &str = "o open, r reload without state, t test, q quit, h help; then Enter";
/// How often it is looked whether this is in the foreground again.
const PAUSE: Duration = Duration::from_millis(300);

/// What was typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Key {
    Open,
    Reload,
    Test,
    Quit,
    Help,
}

impl Key {
    fn of(line: &str) -> Option<Self> {
        Some(match line.trim().to_ascii_lowercase().as_str() {
            "o" => Self::Open,
            "r" => Self::Reload,
            "t" => Self::Test,
            "q" => Self::Quit,
            "h" | "?" => Self::Help,
            "" => return None,
            // Who types anything else wants to know what there is.
            _ => Self::Help,
        })
    }
}

/// Whether there is somebody who types.
pub(super) fn are_there() -> bool {
    io::stdin().is_terminal()
}

/// From now on, call this for each key, on a thread of its own.
///
/// # Errors
/// When the system refuses the thread.
pub(super) fn read(mut pressed: impl FnMut(Key) + Send + 'static) -> io::Result<()> {
    let read = move || {
        while let Some(line) = next_line() {
            if let Some(key) = Key::of(&line) {
                pressed(key);
            }
        }
    };
    thread::Builder::new().name("keys".into()).spawn(read).map(drop)
}

/// The next line; none when no more will come. A terminal hands out whole lines.
fn next_line() -> Option<String> {
    let stdin = io::stdin();
    loop {
        match poll(&mut [PollFd::new(&stdin, PollFlags::IN)], None) {
            Ok(_) => {}
            Err(rustix::io::Errno::INTR) => continue,
            Err(_) => return None,
        }
        // What is typed belongs to the shell now, and a process in the background that reads it is stopped.
        if tcgetpgrp(&stdin).is_ok_and(|foreground| foreground != getpgrp()) {
            thread::park_timeout(PAUSE);
            continue;
        }
        let mut line = [0; 256];
        return match rustix::io::read(&stdin, &mut line) {
            Ok(0) => None,
            Ok(read) => Some(String::from_utf8_lossy(&line[..read]).into_owned()),
            Err(rustix::io::Errno::INTR | rustix::io::Errno::AGAIN) => continue,
            Err(_) => None,
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_letter_is_a_key_and_anything_else_asks_for_help() {
        let keys = ["o\n", " R \n", "t", "q\n", "h\n", "?\n", "hello\n", "\n"].map(Key::of);
        let expected = [Key::Open, Key::Reload, Key::Test, Key::Quit, Key::Help, Key::Help, Key::Help].map(Some);
        assert_eq!((&keys[..7], keys[7]), (&expected[..], None));
    }
}
