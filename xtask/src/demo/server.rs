//! A server in the foreground: waits until it is ready, passes signals on, and ends with it.

use std::fs;
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::thread;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

use crate::failure::{Failure, Result};

/// How often to look whether the server has written its addresses.
const GLANCE: Duration = Duration::from_millis(20);

/// A running server.
pub(super) struct Server {
    child: Child,
    ports: PathBuf,
}

/// Where a server is reached, as addresses for a browser.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Addresses {
    /// The page.
    pub(super) page: String,
    /// The API, without a path; none when it is switched off.
    pub(super) api: Option<String>,
}

impl Server {
    /// Starts `serve`, which writes its addresses to the file `ports`. From here on, signals go to the server.
    pub(super) fn start(mut serve: Command, ports: &Path) -> Result<Self> {
        // One that an earlier run left must not be taken for this one's.
        match fs::remove_file(ports) {
            Err(cause) if cause.kind() != io::ErrorKind::NotFound => {
                return Err(Failure::file("remove", ports, &cause));
            }
            _ => {}
        }
        serve.arg("--ports-file").arg(ports);
        own_group(&mut serve);
        let signals = Signals::new([SIGINT, SIGTERM, SIGHUP])
            .map_err(|cause| Failure::new(format!("cannot receive signals: {cause}")))?;
        let child = serve.spawn().map_err(|cause| Failure::new(format!("cannot start the server: {cause}")))?;
        pass_on(signals, Pid::from_child(&child));
        Ok(Self { child, ports: ports.to_owned() })
    }

    /// Waits until the server has said where it is reached; none when it ended before.
    #[expect(clippy::disallowed_methods, reason = "no runtime and no other thread waits for this one")]
    pub(super) fn ready(&mut self) -> Result<Option<Addresses>> {
        loop {
            let ended = self.child.try_wait().map_err(|cause| cannot_wait(&cause))?.is_some();
            if let Ok(text) = fs::read_to_string(&self.ports) {
                let unknown = || Failure::new(format!("{} is no list of addresses: {text}", self.ports.display()));
                return Addresses::from_json(&text).map(Some).ok_or_else(unknown);
            }
            if ended {
                return Ok(None);
            }
            thread::sleep(GLANCE);
        }
    }

    /// Waits until the server has ended; an error if it did so for a fault.
    pub(super) fn wait(mut self) -> Result {
        let status = self.child.wait().map_err(|cause| cannot_wait(&cause))?;
        if status.success() {
            return Ok(());
        }
        Err(Failure::new(format!("the server ended with {status}; its own words stand above")))
    }
}

fn cannot_wait(cause: &io::Error) -> Failure {
    Failure::new(format!("cannot wait for the server: {cause}"))
}

/// Gives the server a process group of its own. A terminal sends Ctrl-C to a whole group, and the server would get
/// it twice, from the terminal and from us; to the server that means "leave at once".
fn own_group(command: &mut Command) {
    use std::os::unix::process::CommandExt as _;
    command.process_group(0);
}

/// Passes signals on, until this process ends, which it does as soon as the server has ended.
fn pass_on(mut signals: Signals, server: Pid) {
    thread::spawn(move || {
        for signal in signals.forever().filter_map(Signal::from_named_raw) {
            // The terminal has gone; to the server a hang-up would only mean to read its configuration again.
            let signal = if signal == Signal::HUP { Signal::TERM } else { signal };
            // An error means that the server has just ended, and then nothing is left to do.
            let _ = kill_process(server, signal);
        }
    });
}

impl Addresses {
    fn from_json(text: &str) -> Option<Self> {
        let ports: Value = serde_json::from_str(text).ok()?;
        let url = |name: &str| Some(url(ports[name].as_str()?.parse().ok()?));
        Some(Self { page: url("listen")? + "/", api: url("api") })
    }
}

/// The address as a browser on this machine reaches it.
fn url(mut address: SocketAddr) -> String {
    if address.ip().is_unspecified() {
        address.set_ip(IpAddr::V4(Ipv4Addr::LOCALHOST));
    }
    format!("http://{address}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_ones_that_a_browser_can_open() {
        let read = |text| Addresses::from_json(text).map(|addresses| (addresses.page, addresses.api));
        let both = read(r#"{"listen":"0.0.0.0:8080","api":"127.0.0.1:9090"}"#);
        assert_eq!(both, Some(("http://127.0.0.1:8080/".to_owned(), Some("http://127.0.0.1:9090".to_owned()))));
        let page_only = read(r#"{"listen":"[::1]:80","api":null}"#);
        assert_eq!(page_only, Some(("http://[::1]:80/".to_owned(), None)));
        assert_eq!(read("{}"), None);
    }
}
