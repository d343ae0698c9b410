//! How each server is started.

use std::env;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use fs_err as fs;

use super::bare_loop::{Mode, Orders};
use super::child::{Child, forget_settings};
use super::peers::Peers;
use super::places::{Places, repository};
use super::running::Running;
use super::subject::Subject;
use crate::load::payload::Payload;
use crate::machine;

/// Everything comes from one address here, which the server would refuse.
pub(super) const CONFIG: &str = "[limits]\nconnections = 20000\nconnections_per_address = 20000\n";

/// Where servers are installed, and where they write their files.
pub(crate) struct TestBed {
    pub(super) places: Places,
    /// The default plugin.
    pub(super) lobby: PathBuf,
    /// This program.
    pub(super) own: PathBuf,
    pub(super) folder: PathBuf,
    peers: Peers,
}

impl TestBed {
    /// Installs nothing: a peer among the subjects that is not there is left out.
    pub(crate) fn new(places: &Places, subjects: &[Subject]) -> Result<Self> {
        let folder = places.folder.clone();
        fs::create_dir_all(&folder)?;
        // Servers run in folders of their own.
        let folder = folder.canonicalize()?;
        fs::write(folder.join("roomcast.toml"), CONFIG.as_bytes())?;
        let own = env::current_exe().context("cannot find this program's own file")?;
        let peers = Peers::find(places, &folder, subjects);
        let lobby = repository().join("host/assets/lobby.wasm");
        Ok(Self { places: places.clone(), lobby, own, folder, peers })
    }

    /// The other servers of the kind.
    pub(crate) fn peers(&self) -> &Peers {
        &self.peers
    }

    /// Where the bench leaves its files.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Starts a server that will have this many subscribers.
    pub(crate) fn start(&self, subject: Subject, subscribers: usize, payload: Payload) -> Result<Running> {
        machine::allow_streams(subscribers)?;
        let ports_file = self.folder.join("ports.json");
        let command = match subject {
            Subject::SendLoop | Subject::JoiningLoop => {
                let mode = if subject == Subject::SendLoop { Mode::Each } else { Mode::Join };
                let frame = payload.frame(0).len();
                let orders = Orders { mode, ports_file: ports_file.clone(), clients: subscribers, frame };
                let mut command = machine::on_server_core(&self.own);
                command.args(orders.arguments());
                command
            }
            Subject::Roomcast => return self.serve("roomcast.toml"),
            peer => return self.peers.start(peer, subscribers, payload),
        };
        let (child, ports) = Child::start(command, &ports_file, self.folder.join("bare-loop.log"))?;
        Ok(Running { child, ports })
    }

    /// Starts this repository's server with its default plugin in a file, which can be replaced.
    pub(crate) fn start_with_file(&self, subscribers: usize) -> Result<(Running, PathBuf)> {
        machine::allow_streams(subscribers)?;
        let file = self.folder.join("lobby.wasm");
        fs::copy(&self.lobby, &file)?;
        let config = format!("{CONFIG}[reload]\nwatch = false\n[[plugins]]\npath = '{}'\n", file.display());
        fs::write(self.folder.join("reload.toml"), config.as_bytes())?;
        Ok((self.serve("reload.toml")?, file))
    }

    fn serve(&self, config: &str) -> Result<Running> {
        let ports_file = self.folder.join("ports.json");
        let mut command = machine::on_server_core(self.places.server()?);
        command.args(["serve", "--listen", "127.0.0.1:0", "--api", "127.0.0.1:0", "--config"]);
        command.arg(self.folder.join(config)).arg("--ports-file").arg(&ports_file);
        forget_settings(&mut command);
        let (child, ports) = Child::start(command, &ports_file, self.folder.join("roomcast.log"))?;
        Ok(Running { child, ports })
    }
}
