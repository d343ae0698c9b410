//! The signals that the server knows.

use std::io::IsTerminal;

use tokio::signal::unix::{Signal, SignalKind, signal};

/// SIGINT (Ctrl-C) and SIGTERM end it; SIGHUP reloads its configuration and its plugins. A terminal that is closed sends SIGHUP
/// as well to what runs in it: that ends it.
pub(super) struct Signals {
    terminal: bool,
    interrupt: Signal,
    terminate: Signal,
    hangup: Signal,
}

/// What a signal asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Action {
    End,
    Reload,
}

impl Signals {
    pub(super) fn new() -> Self {
        let listen = |kind| signal(kind).expect("the kernel lets a process handle its signals");
        Self {
            terminal: std::io::stdin().is_terminal(),
            interrupt: listen(SignalKind::interrupt()),
            terminate: listen(SignalKind::terminate()),
            hangup: listen(SignalKind::hangup()),
        }
    }

    pub(super) async fn next(&mut self) -> Action {
        tokio::select! {
            _ = self.interrupt.recv() => Action::End,
            _ = self.terminate.recv() => Action::End,
            // A terminal that was closed is no terminal any more.
            _ = self.hangup.recv() => if self.terminal && !std::io::stdin().is_terminal() {
                Action::End
            } else {
                Action::Reload
            },
        }
    }

    /// Wait for one that ends the server.
    pub(super) async fn end(&mut self) {
        while self.next().await != Action::End {}
    }
}
