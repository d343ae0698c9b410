//! Starting the real binary on free ports.

use std::ffi::OsString;
use std::fs::File;
use std::net::SocketAddr;
use std::path::Path;
use std::process::{ExitStatus, Stdio};

use serde_json::Value;
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

use crate::artifacts::{binary, without_settings};
use crate::server::{Log, Server};
use crate::{eventually, within_deadline};

/// A server that is yet to be started.
#[derive(Default)]
pub struct Builder {
    config: String,
    args: Vec<OsString>,
    variables: Vec<(String, String)>,
    stderr: Option<File>,
    listen: Option<String>,
    open_files: Option<u32>,
}

impl Builder {
    /// Append to `roomcast.toml`.
    pub fn config(mut self, toml: &str) -> Self {
        self.config.push_str(toml);
        self.config.push('\n');
        self
    }

    /// Append a plugin to the chain.
    pub fn plugin(self, path: impl AsRef<Path>) -> Self {
        self.plugin_with(path, "")
    }

    /// Append a plugin to the chain, with more keys for its entry.
    pub fn plugin_with(self, path: impl AsRef<Path>, toml: &str) -> Self {
        let entry = format!("[[plugins]]\npath = '{}'\n{toml}", path.as_ref().display());
        self.config(&entry)
    }

    /// Append arguments.
    pub fn args<I: IntoIterator<Item: Into<OsString>>>(mut self, args: I) -> Self {
        self.args.extend(args.into_iter().map(Into::into));
        self
    }

    /// Listen here, and not on a free port of 127.0.0.1.
    pub fn listen(mut self, address: &str) -> Self {
        self.listen = Some(address.into());
        self
    }

    /// Set an environment variable.
    pub fn variable(mut self, name: &str, value: &str) -> Self {
        self.variables.push((name.into(), value.into()));
        self
    }

    /// Write standard error to this file; [`Server::log`] is empty then.
    pub fn stderr(mut self, file: File) -> Self {
        self.stderr = Some(file);
        self
    }

    /// Limit its open files.
    pub fn open_files(mut self, limit: u32) -> Self {
        self.open_files = Some(limit);
        self
    }

    fn program(&self) -> Command {
        let Some(limit) = self.open_files else { return Command::new(binary()) };
        // A shell lowers its own bound, and the server in its place inherits it.
        let mut shell = Command::new("sh");
        shell.args(["-c", &format!("ulimit -n {limit} && exec \"$0\" \"$@\"")]).arg(binary());
        shell
    }

    fn spawn(&mut self) -> (Child, TempDir) {
        let dir = tempfile::tempdir().expect("a folder");
        std::fs::write(dir.path().join("roomcast.toml"), &self.config).expect("written");
        let mut command = self.program();
        without_settings(command.as_std_mut());
        // Tests send as fast as they can; one about rates names the table.
        if !self.config.contains("[rates]") {
            command.env("ROOMCAST_RATES_MESSAGES", "");
        }
        command
            .current_dir(dir.path())
            .args([
                "serve",
                "--listen",
                self.listen.as_deref().unwrap_or("127.0.0.1:0"),
                "--api",
                "127.0.0.1:0",
                "--ports-file",
                "ports.json",
            ])
            .args(&self.args)
            .envs(self.variables.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(self.stderr.take().map_or_else(Stdio::piped, Stdio::from))
            .kill_on_drop(true);
        let child = command.spawn().expect("the binary starts");
        (child, dir)
    }

    /// Start it, and wait until it is ready.
    pub async fn start(mut self) -> Server {
        let (mut child, dir) = self.spawn();
        let log = Log::default();
        if let Some(stderr) = child.stderr.take() {
            let mut lines = BufReader::new(stderr).lines();
            let copy = log.clone();
            tokio::spawn(async move {
                while let Ok(Some(line)) = lines.next_line().await {
                    copy.push(line);
                }
            });
        }
        let file = dir.path().join("ports.json");
        let ports = eventually("the server's start", || {
            let ended = child.try_wait().expect("a child");
            assert!(ended.is_none(), "the server ended ({ended:?}):\n{}", log.text());
            let ports = std::fs::read(&file).ok();
            async move { ports }
        });
        let ports: Value = serde_json::from_slice(&ports.await).expect("JSON");
        let address = |key: &str| ports[key].as_str().and_then(|text| text.parse::<SocketAddr>().ok());
        Server { listen: address("listen").expect("an address"), api: address("api"), child, log, dir }
    }

    /// Start it, which must fail; its standard error and its exit status.
    pub async fn refuses_to_start(mut self) -> (String, ExitStatus) {
        let (child, _dir) = self.spawn();
        let output = within_deadline("the server's refusal", child.wait_with_output()).await.expect("output");
        (String::from_utf8(output.stderr).expect("UTF-8"), output.status)
    }
}
