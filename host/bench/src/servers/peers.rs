//! Other servers of the kind, to be measured beside this one: what there is of them, and how they are started.
//!
//! One that is not there is left out, with a line that says why.

mod better_sse;
mod nchan;
mod package;

use std::path::{Path, PathBuf};

use anyhow::{Result, anyhow};

use self::better_sse::BetterSse;
use self::nchan::Nchan;
use self::package::Package;
use super::child::Child;
use super::running::Running;
use super::subject::Subject;
use crate::load::payload::Payload;
use crate::machine;
use crate::servers::places::Places;

/// The peers that are ready.
#[derive(Default)]
pub(crate) struct Peers {
    nchan: Option<Nchan>,
    better_sse: Option<BetterSse>,
    package: Option<Package>,
    folder: PathBuf,
    /// One line for each that is not ready.
    left_out: Vec<String>,
}

impl Peers {
    /// Finds those that are wanted. `folder` is for what they need and leave.
    pub(crate) fn find(places: &Places, folder: &Path, wanted: &[Subject]) -> Self {
        let mut peers = Self { folder: folder.into(), ..Self::default() };
        if wanted.contains(&Subject::Nchan) {
            peers.nchan = peers.note(&[Subject::Nchan], Nchan::find(places));
        }
        if wanted.contains(&Subject::BetterSse) {
            peers.better_sse = peers.note(&[Subject::BetterSse], BetterSse::find(places));
        }
        let servers: Vec<Subject> = wanted.iter().copied().filter(|subject| Package::has(*subject)).collect();
        if !servers.is_empty() {
            peers.package = peers.note(&servers, Package::find(places));
        }
        peers
    }

    /// What is not measured, and why.
    pub(crate) fn left_out(&self) -> &[String] {
        &self.left_out
    }

    /// The versions of those that the machine brings; this repository's lock files say the others'.
    pub(crate) fn versions(&self) -> Vec<String> {
        let nginx = self.nchan.as_ref().and_then(Nchan::version);
        let node = self.better_sse.as_ref().map(|server| server.version().to_owned());
        nginx.into_iter().chain(node).collect()
    }

    /// Whether it can be started; so can all that are no peers.
    pub(crate) fn has(&self, subject: Subject) -> bool {
        match subject {
            Subject::SendLoop | Subject::JoiningLoop | Subject::Roomcast => true,
            Subject::Nchan => self.nchan.is_some(),
            Subject::BetterSse => self.better_sse.is_some(),
            Subject::UringLoop | Subject::Axum | Subject::Hyper => self.package.is_some(),
        }
    }

    /// Starts a peer that will have this many subscribers.
    pub(crate) fn start(&self, subject: Subject, subscribers: usize, payload: Payload) -> Result<Running> {
        let missing = || anyhow!("{subject} is not installed");
        let (ports_file, log) = (self.folder.join("ports.json"), self.folder.join("peer.log"));
        let (child, ports) = if subject == Subject::Nchan {
            self.nchan.as_ref().ok_or_else(missing)?.start(subscribers, &self.folder, log)?
        } else {
            let command = if subject == Subject::BetterSse {
                self.better_sse.as_ref().ok_or_else(missing)?.command(&ports_file)
            } else {
                let package = self.package.as_ref().ok_or_else(missing)?;
                let mut command = machine::on_server_core(&package.program(subject));
                command.arg("--ports-file").arg(&ports_file);
                if subject == Subject::UringLoop {
                    let (clients, frame) = (subscribers.to_string(), payload.frame(0).len().to_string());
                    command.args(["--clients", &clients, "--frame", &frame]);
                }
                command
            };
            Child::start(command, &ports_file, log)?
        };
        Ok(Running { child, ports })
    }

    fn note<T>(&mut self, subjects: &[Subject], ready: Result<T>) -> Option<T> {
        ready
            .map_err(|cause| {
                let names: Vec<String> = subjects.iter().map(Subject::to_string).collect();
                let line = format!("{}: not measured: {cause}", names.join(", "));
                eprintln!("{line}");
                self.left_out.push(line);
            })
            .ok()
    }
}
