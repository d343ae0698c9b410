//! This repository's server with other settings than usual.

use std::fmt::Write as _;
use std::path::PathBuf;

use anyhow::{Result, anyhow};
use fs_err as fs;

use super::running::Running;
use super::test_bed::{CONFIG, TestBed};
use crate::machine::{self, Cores};
use crate::servers::bare_loop::{Mode, Orders};
use crate::servers::child::{Child, forget_settings};

/// What is set beside the bench's usual configuration.
pub(crate) struct Setup {
    /// `key=value`, as for `--set`.
    settings: Vec<String>,
    /// In the order in which they are asked; none is the default plugin.
    plugins: Vec<PathBuf>,
    cores: Cores,
}

impl Setup {
    /// As usual.
    pub(crate) fn new() -> Self {
        Self { settings: Vec::new(), plugins: Vec::new(), cores: Cores::Server }
    }

    /// With a key set.
    pub(crate) fn set(mut self, setting: impl Into<String>) -> Self {
        self.settings.push(setting.into());
        self
    }

    /// With one more plugin at the end of the chain.
    pub(crate) fn plugin(mut self, component: PathBuf) -> Self {
        self.plugins.push(component);
        self
    }

    /// Where it runs.
    pub(crate) fn on(mut self, cores: Cores) -> Self {
        self.cores = cores;
        self
    }

    /// Every plugin may broadcast as often as it likes, since the bound is no part of what is measured. Guards have a token.
    fn configuration(&self) -> String {
        let mut text = CONFIG.to_owned();
        for (place, component) in self.plugins.iter().enumerate() {
            let path = component.display();
            write!(
                text,
                "[[plugins]]\nname = 'p{place}'\npath = '{path}'\n\
                 [plugins.limits]\nbroadcasts = 10000000\n[plugins.config]\ntoken = 'letmein'\n"
            )
            .expect("invariant: a text takes everything");
        }
        text
    }
}

impl TestBed {
    /// Starts this repository's server with these settings.
    pub(crate) fn start_with(&self, subscribers: usize, setup: &Setup) -> Result<Running> {
        machine::allow_streams(subscribers)?;
        let config = self.folder.join("setup.toml");
        fs::write(&config, setup.configuration().as_bytes())?;
        let ports_file = self.folder.join("ports.json");
        let mut command = setup.cores.command(self.places.server()?);
        command.args(["serve", "--listen", "127.0.0.1:0", "--api", "127.0.0.1:0", "--config"]);
        command.arg(config).arg("--ports-file").arg(&ports_file);
        setup.settings.iter().for_each(|setting| {
            command.args(["--set", setting]);
        });
        forget_settings(&mut command);
        let (child, ports) = Child::start(command, &ports_file, self.folder.join("roomcast.log"))?;
        Ok(Running { child, ports })
    }

    /// Starts a bare loop that writes a keepalive to one part of its streams at each turn, with this many turns for all.
    pub(crate) fn start_turns(&self, subscribers: usize, turns: usize) -> Result<Running> {
        machine::allow_streams(subscribers)?;
        let ports_file = self.folder.join("ports.json");
        let orders = Orders { mode: Mode::Turns, ports_file: ports_file.clone(), clients: subscribers, frame: turns };
        let mut command = machine::on_server_core(&self.own);
        command.args(orders.arguments());
        let (child, ports) = Child::start(command, &ports_file, self.folder.join("bare-loop.log"))?;
        Ok(Running { child, ports })
    }

    /// The default plugin.
    pub(crate) fn lobby(&self) -> PathBuf {
        self.lobby.clone()
    }

    /// A component that `cargo xtask plugins` has built: its path below the folder of plugins, without its ending.
    pub(crate) fn component(&self, name: &str) -> Result<PathBuf> {
        let path = self.places.plugins()?.join(name).with_extension("wasm");
        if path.exists() {
            return Ok(path);
        }
        Err(anyhow!("{} is missing: run `cargo xtask plugins`", path.display()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_plugin_has_a_name_of_its_own() {
        let text = Setup::new().plugin("/a.wasm".into()).plugin("/a.wasm".into()).configuration();
        assert!(text.starts_with(CONFIG), "{text}");
        assert!(text.contains("name = 'p0'\npath = '/a.wasm'") && text.contains("name = 'p1'"), "{text}");
    }
}
