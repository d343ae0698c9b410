//! A server process that never outlives the measurement.

use std::env;
use std::io::{self, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{self, ChildStdin, Command, Stdio};
use std::time::Duration;

use anyhow::{Context as _, Error, Result, anyhow};
use fs_err as fs;
use serde_json::Value;

use crate::process::last;
use crate::wait;

/// How long a server may take to be ready; the first start of a new build compiles plugins.
const START: Duration = Duration::from_secs(60);
/// How much of a server's output an error shows.
const LAST_LINES: usize = 5;

/// A running server. Dropping it ends it.
pub(crate) struct Child {
    process: process::Child,
    log: PathBuf,
}

/// Where a server listens.
pub(crate) struct Ports {
    /// For streams.
    pub(crate) listen: SocketAddr,
    /// For publishers, if it has a listener for them.
    pub(crate) api: Option<SocketAddr>,
    /// For publishers of a server that is no Roomcast.
    pub(crate) publish: Option<SocketAddr>,
}

impl Child {
    /// Starts a server with its output in a file, and waits until it has written its ports file.
    pub(crate) fn start(command: Command, ports_file: &Path, log: PathBuf) -> Result<(Self, Ports)> {
        if ports_file.exists() {
            fs::remove_file(ports_file)?;
        }
        let mut child = Self::spawn(command, log)?;
        let text = child.wait_for(|| fs::read_to_string(ports_file).ok())?;
        let ports = Ports::parse(&text);
        let ports = ports.with_context(|| format!("{} is no ports file: {text}", ports_file.display()))?;
        Ok((child, ports))
    }

    /// Starts a server that was told where to listen, and waits until it answers there: the system connects a client
    /// before the server is ready, and then it has not yet opened all its files.
    pub(crate) fn start_at(command: Command, address: SocketAddr, log: PathBuf) -> Result<(Self, Ports)> {
        let mut child = Self::spawn(command, log)?;
        child.wait_for(|| answers(address).ok())?;
        Ok((child, Ports { listen: address, api: None, publish: Some(address) }))
    }

    fn spawn(mut command: Command, log: PathBuf) -> Result<Self> {
        let file = fs::File::create(&log)?;
        let second = file.try_clone()?;
        let process = command.stdin(Stdio::piped()).stdout(file.into_parts().0).stderr(second.into_parts().0).spawn();
        let process = process.with_context(|| format!("cannot start {command:?}"))?;
        Ok(Self { process, log })
    }

    pub(crate) fn id(&self) -> u32 {
        self.process.id()
    }

    /// The server's standard input; once.
    ///
    /// # Panics
    /// When it was taken before.
    pub(crate) fn take_input(&mut self) -> ChildStdin {
        self.process.stdin.take().expect("invariant: taken once")
    }

    /// A failure of the measurement, with the server's own last words.
    pub(crate) fn blame(&self, failure: &Error) -> Error {
        let text = fs::read_to_string(&self.log).unwrap_or_default();
        let last = last(&text, LAST_LINES);
        anyhow!("{failure:#}\nthe server's output, {}, ends with:\n{last}", self.log.display())
    }

    fn wait_for<T>(&mut self, mut ready: impl FnMut() -> Option<T>) -> Result<T> {
        let found = wait::until(START, || match (ready(), self.process.try_wait()) {
            (Some(found), _) => Ok(Some(found)),
            (None, Ok(Some(status))) => Err(self.blame(&anyhow!("the server ended while it started ({status})"))),
            (None, _) => Ok(None),
        })?;
        found.ok_or_else(|| self.blame(&anyhow!("the server was not ready after {START:?}")))
    }
}

/// Keeps settings of the user's own environment out of the measurement.
pub(crate) fn forget_settings(command: &mut Command) {
    for (name, _) in env::vars_os() {
        if name.to_string_lossy().starts_with("ROOMCAST_") {
            command.env_remove(name);
        }
    }
    // What is measured is how fast messages are answered, not how fast they may come.
    command.env("ROOMCAST_RATES_MESSAGES", "");
}

/// Asks for something, and waits until the answer has come and the connection is closed.
fn answers(address: SocketAddr) -> io::Result<()> {
    let mut socket = TcpStream::connect(address)?;
    socket.set_read_timeout(Some(START))?;
    socket.write_all(b"GET / HTTP/1.0\r\n\r\n")?;
    io::copy(&mut socket, &mut io::sink()).map(drop)
}

impl Drop for Child {
    fn drop(&mut self) {
        // Both fail only if it has ended already, which is what is wanted.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Ports {
    fn parse(text: &str) -> Option<Self> {
        let ports: Value = serde_json::from_str(text).ok()?;
        let address = |name: &str| ports[name].as_str()?.parse().ok();
        Some(Self { listen: address("listen")?, api: address("api"), publish: address("publish") })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ports_file_names_the_listeners() {
        let both = Ports::parse(r#"{"listen":"127.0.0.1:8080","api":"127.0.0.1:9090"}"#).expect("valid");
        assert_eq!((both.listen.port(), both.api.map(|api| api.port())), (8080, Some(9090)));
        assert_eq!(Ports::parse(r#"{"listen":"127.0.0.1:1"}"#).and_then(|ports| ports.api), None);
        assert!(Ports::parse("{}").is_none());
    }
}
