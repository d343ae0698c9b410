//! The servers that are measured, and how each is started.

mod setup;

use std::fs;
use std::path::{Path, PathBuf};
use std::{env, fmt};

use mio::Registry;

use super::bare_loop::{Mode, Orders};
use super::child::{Child, Ports, forget_settings};
use super::machine;
use super::payload::Payload;
use super::peers::Peers;
use super::publisher::{Publisher, Way};
use crate::failure::{Failure, Outcome};
use crate::files;
use crate::places::{Places, repository};
pub(crate) use setup::Setup;

/// Everything comes from one address here, which the server would refuse.
const CONFIG: &str = "[limits]\nconnections = 20000\nconnections_per_address = 20000\n";

/// A kind of server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Subject {
    /// A loop that sends each event to each subscriber
    SendLoop,
    /// A loop that sends all events that wait at once
    JoiningLoop,
    /// A loop that sends with io_uring, registered files and many sends in one call
    UringLoop,
    /// This repository's server, with its default plugin
    Roomcast,
    /// nginx with nchan, one worker
    Nchan,
    /// Plain hyper, a task and a channel for each connection
    Hyper,
    /// axum's Sse over a broadcast channel
    Axum,
    /// better-sse on Node.js
    BetterSse,
}

impl Subject {
    /// Whether it does nothing but accept and send.
    pub(crate) fn is_loop(self) -> bool {
        matches!(self, Self::SendLoop | Self::JoiningLoop | Self::UringLoop)
    }

    /// Whether it is there to be compared with only, and the bench goes on without it.
    pub(crate) fn is_peer(self) -> bool {
        !matches!(self, Self::SendLoop | Self::JoiningLoop | Self::Roomcast)
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::SendLoop => "bare `send()` loop",
            Self::JoiningLoop => "bare loop, joins what waits",
            Self::UringLoop => "bare io_uring loop",
            Self::Roomcast => "roomcast",
            Self::Nchan => "nginx with nchan",
            Self::Hyper => "hyper with channels",
            Self::Axum => "axum with broadcast",
            Self::BetterSse => "better-sse on Node.js",
        })
    }
}

/// Where servers come from and leave their traces.
pub(crate) struct Yard {
    places: Places,
    /// The default plugin.
    lobby: PathBuf,
    /// This program.
    own: PathBuf,
    folder: PathBuf,
    peers: Peers,
}

/// A server that runs and can be connected to.
pub(crate) struct Running {
    pub(crate) child: Child,
    pub(crate) ports: Ports,
}

impl Yard {
    /// Installs nothing: a peer among the subjects that is not there is left out.
    pub(crate) fn new(places: &Places, subjects: &[Subject]) -> Outcome<Self> {
        let folder = places.folder.clone();
        fs::create_dir_all(&folder).map_err(|cause| Failure::file("create", &folder, &cause))?;
        // Servers run in folders of their own.
        let folder = folder.canonicalize().map_err(|cause| Failure::file("find", &folder, &cause))?;
        files::write(&folder.join("roomcast.toml"), CONFIG.as_bytes())?;
        let own = env::current_exe()
            .map_err(|cause| Failure::new(format!("cannot find this program's own file: {cause}")))?;
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

    /// Starts a server that will have so many subscribers.
    pub(crate) fn start(&self, subject: Subject, subscribers: usize, payload: Payload) -> Outcome<Running> {
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
    pub(crate) fn start_with_file(&self, subscribers: usize) -> Outcome<(Running, PathBuf)> {
        machine::allow_streams(subscribers)?;
        let file = self.folder.join("lobby.wasm");
        files::copy(&self.lobby, &file)?;
        let config = format!("{CONFIG}[reload]\nwatch = false\n[[plugins]]\npath = '{}'\n", file.display());
        files::write(&self.folder.join("reload.toml"), config.as_bytes())?;
        Ok((self.serve("reload.toml")?, file))
    }

    fn serve(&self, config: &str) -> Outcome<Running> {
        let ports_file = self.folder.join("ports.json");
        let mut command = machine::on_server_core(self.places.server()?);
        command.args(["serve", "--listen", "127.0.0.1:0", "--api", "127.0.0.1:0", "--config"]);
        command.arg(self.folder.join(config)).arg("--ports-file").arg(&ports_file);
        forget_settings(&mut command);
        let (child, ports) = Child::start(command, &ports_file, self.folder.join("roomcast.log"))?;
        Ok(Running { child, ports })
    }
}

impl Running {
    /// The way in for events, with so many on their way at once.
    pub(crate) fn publisher(&mut self, in_flight: usize, registry: &Registry) -> Outcome<Publisher> {
        match (self.ports.api, self.ports.publish) {
            (Some(api), _) => Publisher::http(&Way::Api(api), in_flight, registry),
            (None, Some(address)) => Publisher::http(&Way::Peer(address), in_flight, registry),
            (None, None) => Ok(Publisher::Pipe(self.child.take_input())),
        }
    }
}
