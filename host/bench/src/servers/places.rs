//! Where the programs are that are measured. Each has a variable, which `cargo xtask bench` sets.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

use crate::servers::subject::Subject;

/// The folder of this repository: the bench reads and writes some of its files, and is of no use without it.
pub(crate) fn repository() -> &'static Path {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    package.ancestors().nth(2).expect("invariant: the package lies in host/bench")
}

const SERVER: &str = "ROOMCAST_BIN";
const PLUGINS: &str = "ROOMCAST_PLUGINS_DIR";
const NCHAN: &str = "ROOMCAST_NCHAN";
const NODE: &str = "ROOMCAST_NODE";
const PEERS: &str = "ROOMCAST_PEERS";

/// Where things are.
#[derive(clap::Args, Clone, Default)]
#[command(next_help_heading = "Where things are")]
pub(crate) struct Places {
    /// The server: a release build, if its figures are to mean something
    #[arg(long, env = SERVER, hide_env_values = true, value_name = "FILE")]
    server: Option<PathBuf>,
    /// The folder of components, which `cargo xtask plugins` fills
    #[arg(long, env = PLUGINS, hide_env_values = true, value_name = "DIR")]
    plugins: Option<PathBuf>,
    /// Where Debian's packages nginx and libnginx-mod-nchan lie unpacked; `/` if they are installed
    #[arg(long, env = NCHAN, hide_env_values = true, value_name = "DIR")]
    nchan: Option<PathBuf>,
    /// Node.js; the packages of host/bench/peers/better-sse have to be installed
    #[arg(long, env = NODE, hide_env_values = true, value_name = "FILE")]
    node: Option<PathBuf>,
    /// The folder of programs that the package in host/bench/peers is built to
    #[arg(long, env = PEERS, hide_env_values = true, value_name = "DIR")]
    peers: Option<PathBuf>,
    /// Where tables, plots, and the output of the servers are left
    #[arg(
        long,
        env = "ROOMCAST_BENCH_DIR",
        hide_env_values = true,
        value_name = "DIR",
        default_value = "target/bench"
    )]
    pub(crate) folder: PathBuf,
}

impl Places {
    pub(crate) fn server(&self) -> Result<&Path> {
        given(self.server.as_deref(), SERVER)
    }

    pub(crate) fn plugins(&self) -> Result<&Path> {
        given(self.plugins.as_deref(), PLUGINS)
    }

    pub(crate) fn nchan(&self) -> Result<&Path> {
        given(self.nchan.as_deref(), NCHAN)
    }

    pub(crate) fn node(&self) -> Result<&Path> {
        given(self.node.as_deref(), NODE)
    }

    pub(crate) fn peers(&self) -> Result<&Path> {
        given(self.peers.as_deref(), PEERS)
    }

    /// The variables of what these subjects need and that is not given.
    pub(crate) fn missing(&self, subjects: &[Subject]) -> Vec<&'static str> {
        let all = [
            (SERVER, &self.server, &[Subject::Roomcast][..]),
            (PLUGINS, &self.plugins, &[Subject::Roomcast]),
            (NCHAN, &self.nchan, &[Subject::Nchan]),
            (NODE, &self.node, &[Subject::BetterSse]),
            (PEERS, &self.peers, &[Subject::UringLoop, Subject::Hyper, Subject::Axum]),
        ];
        let is_missing =
            |place: &Option<_>, users: &[Subject]| place.is_none() && users.iter().any(|user| subjects.contains(user));
        all.into_iter().filter(|(_, place, users)| is_missing(place, users)).map(|(variable, ..)| variable).collect()
    }
}

fn given<'a>(place: Option<&'a Path>, variable: &str) -> Result<&'a Path> {
    place.with_context(|| format!("{variable} is not set: run this by `cargo xtask`, which sets it up"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_is_named_once() {
        let places = Places { server: Some("/r".into()), ..Places::default() };
        assert_eq!(places.missing(&[Subject::Roomcast, Subject::Axum, Subject::Hyper]), [PLUGINS, PEERS]);
        assert_eq!(places.missing(&[Subject::SendLoop]), [""; 0]);
        assert!(places.nchan().is_err_and(|failure| failure.to_string().starts_with("ROOMCAST_NCHAN is not set")));
        assert!(repository().join("host/bench/Cargo.toml").exists());
    }
}
