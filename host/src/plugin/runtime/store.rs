//! What one instance has on the host's side: its store's data.

mod stderr_tail;

mod allowance;
mod footprint;
mod memory;

use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};

use wasmtime::component::ResourceTable;
use wasmtime_wasi::{FsPerms, WasiCtx, WasiCtxView, WasiView};
use wasmtime_wasi_http::{WasiHttpCtx, WasiHttpCtxView, WasiHttpView};

pub(in crate::plugin) use allowance::Allowance;
pub(in crate::plugin) use footprint::Footprint;
pub(in crate::plugin) use memory::MemoryLimiter;
pub(in crate::plugin) use stderr_tail::LastWords;

use super::imports::StandardStream;
use super::imports::fetch::Fetches;
use super::imports::files::OpenFiles;
use super::imports::http::{self, Outgoing, Refusals};
use super::imports::timers::Timers;
use super::load_error::Problem;
use super::log::InstanceLog;
use super::progress::BroadcastRate;
use super::version::Version;
use crate::event::ConnectionId;
use crate::plugin::contract::bindings::types::Error;

/// Handles of WASI resources (streams, pollables, requests) that an instance may hold at once; a request's headers may
/// take some kilobytes.
const MAX_RESOURCES: usize = 1_000;
/// The most random bytes in one call.
const MAX_RANDOM: u64 = 1 << 20;

/// The data of a store.
pub(in crate::plugin) struct HostState {
    /// What it is an instance of.
    pub(in crate::plugin) version: Arc<Version>,
    pub(in crate::plugin) timers: Timers,
    pub(in crate::plugin) fetches: Fetches,
    pub(in crate::plugin) files: OpenFiles,
    pub(in crate::plugin) memory: MemoryLimiter,
    pub(in crate::plugin) footprint: Footprint,
    /// What the call that is running may still do.
    pub(in crate::plugin) allowance: Allowance,
    /// What it may still broadcast.
    pub(in crate::plugin) broadcasts: BroadcastRate,
    /// The CPU time of its calls that nobody has asked about yet.
    pub(in crate::plugin) cpu: Duration,
    /// When the call that is running is interrupted.
    pub(in crate::plugin) deadline: Instant,
    /// The connection that has just gone, whose tag can still be read.
    pub(in crate::plugin) departed: Option<Departed>,
    /// What it has said in the call that is running, or ran last.
    pub(in crate::plugin) last_words: LastWords,
    /// Its way to the log.
    pub(in crate::plugin) log: InstanceLog,
    stderr: StandardStream,
    wasi: WasiCtx,
    http: WasiHttpCtx,
    outgoing: Outgoing,
    resources: ResourceTable,
}

/// A connection that the hub does not know any more.
#[derive(Debug, Clone)]
pub(in crate::plugin) struct Departed {
    pub(in crate::plugin) id: ConnectionId,
    pub(in crate::plugin) tag: Option<Arc<str>>,
}

impl HostState {
    /// # Errors
    /// When a folder that was granted is not there any more.
    pub(in crate::plugin) fn new(version: &Arc<Version>) -> Result<Self, Problem> {
        let mut resources = ResourceTable::new();
        resources.set_max_capacity(MAX_RESOURCES);
        // No files, variables or arguments, and an empty standard input, unless they are given.
        let mut wasi = WasiCtx::builder();
        let last_words = LastWords::default();
        let log = InstanceLog::new(&version.log);
        let stderr = StandardStream::error(log.clone(), last_words.clone());
        wasi.stdout(StandardStream::output(log.clone()))
            .stderr(stderr.clone())
            .max_random_size(MAX_RANDOM)
            .allow_tcp(false)
            .allow_udp(false)
            .allow_ip_name_lookup(false)
            .envs(&version.capabilities.variables);
        if let Some(rehearsal) = version.engine.rehearsal() {
            rehearsal.surround(&mut wasi);
        }
        for (guest, path) in &version.capabilities.folders {
            wasi.preopened_dir(path, guest, FsPerms::ReadOnly)
                .map_err(|why| Problem::Folder { path: path.clone(), cause: cause(why) })?;
        }
        Ok(Self {
            timers: Timers::new(version.progress.timer_ids.clone()),
            fetches: Fetches::new(version.progress.fetch_ids.clone()),
            files: OpenFiles::default(),
            memory: MemoryLimiter::new(&version.config.limits),
            footprint: Footprint::new(version),
            allowance: Allowance::default(),
            broadcasts: version.progress.broadcasts.within(&version.config.limits),
            cpu: Duration::ZERO,
            deadline: Instant::now(),
            departed: None,
            outgoing: Outgoing::new(version),
            version: version.clone(),
            last_words,
            log,
            stderr,
            wasi: wasi.build(),
            http: http::context(),
            resources,
        })
    }

    /// Take one call to the host, with so many bytes of arguments, off what the call of the hook may do.
    ///
    /// # Errors
    /// The one for the guest, when nothing is left.
    pub(in crate::plugin) fn charge(&mut self, bytes: usize) -> Result<(), Error> {
        self.allowance.take(bytes).map_err(|error| self.counted(error))
    }

    /// What it said last, when it has ended in the middle of a call.
    pub(in crate::plugin) fn last_words(&self) -> Option<String> {
        self.stderr.end_line();
        self.last_words.take()
    }

    /// Tells the operator what was refused.
    pub(in crate::plugin) fn refusals(&self) -> &Refusals {
        self.outgoing.refusals()
    }

    /// Count an error as one of a bound, if it is one.
    pub(in crate::plugin) fn counted(&self, error: Error) -> Error {
        if let Error::LimitExceeded(limit) = &error {
            self.version.metrics.limit_reached(&limit.limit);
        }
        error
    }
}

/// What the system said, if it was the system.
fn cause(why: wasmtime::Error) -> io::Error {
    why.downcast().unwrap_or_else(|why| io::Error::other(format!("{why:#}")))
}

impl WasiView for HostState {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView { ctx: &mut self.wasi, table: &mut self.resources }
    }
}

impl WasiHttpView for HostState {
    fn http(&mut self) -> WasiHttpCtxView<'_> {
        let hooks = self.outgoing.within(self.deadline);
        WasiHttpCtxView { ctx: &mut self.http, table: &mut self.resources, hooks }
    }
}
