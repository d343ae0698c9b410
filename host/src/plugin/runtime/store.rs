//! The data of an instance's store: its state on the host's side.

mod hosts;
mod memory;

use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};

use wasmtime::component::ResourceTable;
use wasmtime_wasi::{FsPerms, WasiCtx};
use wasmtime_wasi_http::WasiHttpCtx;

pub(in crate::plugin) use memory::{MemoryGauge, MemoryLimiter};

use super::grants::Granted;
use super::imports::calls::HostCalls;
use super::imports::fetch::Fetches;
use super::imports::files::OpenFiles;
use super::imports::http::{self, Outgoing};
use super::imports::hub::Departed;
use super::imports::stdio::{StandardStream, StderrTail};
use super::imports::timers::Timers;
use super::load_error::Problem;
use super::log::InstanceLog;
use super::plugin::Plugin;
use super::progress::BroadcastRate;
use super::simulation::{LEAST_COMPUTING, Simulation};
use crate::plugin::contract::messages::Request;

/// Handles of WASI resources (streams, pollables, requests) that an instance may hold at once; a request's headers may
/// take some kilobytes.
const MAX_RESOURCES: usize = 1_000;
/// The most random bytes in one call.
const MAX_RANDOM: u64 = 1 << 20;

/// The data of a store.
pub(in crate::plugin) struct HostState {
    /// Its calls to the host.
    pub(in crate::plugin) calls: HostCalls,
    pub(in crate::plugin) timers: Timers,
    pub(in crate::plugin) fetches: Fetches,
    pub(in crate::plugin) files: OpenFiles,
    pub(in crate::plugin) memory: MemoryLimiter,
    pub(in crate::plugin) memory_gauge: MemoryGauge,
    /// What it may still broadcast.
    pub(in crate::plugin) broadcasts: BroadcastRate,
    /// The CPU time of its calls since the last `take_cpu`.
    pub(in crate::plugin) cpu: Duration,
    /// When the call that is running is interrupted.
    pub(in crate::plugin) deadline: Instant,
    /// The connection that has just ended, whose tag can still be read.
    pub(in crate::plugin) departed: Option<Departed>,
    /// What the running call is about, if that is a request.
    pub(in crate::plugin) request: Option<Arc<Request>>,
    /// The last line that it wrote in the running call, or in the last one.
    pub(in crate::plugin) stderr_tail: StderrTail,
    /// Its way to the log.
    pub(in crate::plugin) log: InstanceLog,
    grants: Arc<Granted>,
    stderr: StandardStream,
    wasi: WasiCtx,
    http: WasiHttpCtx,
    outgoing: Outgoing,
    resources: ResourceTable,
}

impl HostState {
    /// What an instance begins with.
    ///
    /// # Errors
    /// When a folder that was granted is not there any more.
    pub(in crate::plugin) fn new(
        plugin: &Arc<Plugin>,
        grants: &Arc<Granted>,
        simulation: Option<&Simulation>,
    ) -> Result<Self, Problem> {
        let mut resources = ResourceTable::new();
        resources.set_max_capacity(MAX_RESOURCES);
        // No files, variables or arguments, and an empty standard input, unless they are given.
        let mut wasi = WasiCtx::builder();
        let stderr_tail = StderrTail::default();
        let log = InstanceLog::new(&plugin.log);
        let stderr = StandardStream::error(log.clone(), stderr_tail.clone());
        wasi.stdout(StandardStream::output(log.clone()))
            .stderr(stderr.clone())
            .max_random_size(MAX_RANDOM)
            .allow_tcp(false)
            .allow_udp(false)
            .allow_ip_name_lookup(false)
            .envs(&grants.variables);
        if let Some(simulation) = simulation {
            simulation.configure_wasi(&mut wasi);
        }
        for (guest, path) in &grants.folders {
            wasi.preopened_dir(path, guest, FsPerms::ReadOnly)
                .map_err(|why| Problem::Folder { path: path.clone(), cause: cause(why) })?;
        }
        Ok(Self {
            timers: Timers::new(plugin.progress.timer_ids.clone()),
            fetches: Fetches::new(plugin.progress.fetch_ids.clone()),
            files: OpenFiles::default(),
            memory: MemoryLimiter::new(&plugin.config.limits),
            memory_gauge: MemoryGauge::new(plugin),
            broadcasts: plugin.progress.broadcasts.within(&plugin.config.limits),
            cpu: Duration::ZERO,
            deadline: Instant::now(),
            departed: None,
            request: None,
            outgoing: Outgoing::new(plugin, grants.http.as_ref()),
            calls: HostCalls::new(plugin),
            grants: grants.clone(),
            stderr_tail,
            log,
            stderr,
            wasi: wasi.build(),
            http: http::context(),
            resources,
        })
    }

    /// In a simulation a call computes by the real clock, and waits by the simulated one.
    pub(in crate::plugin) fn simulate_deadline(&mut self, began: Instant, limit: Duration) {
        self.deadline = began + limit.max(LEAST_COMPUTING);
        self.outgoing.simulate_deadline(tokio::time::Instant::now() + limit);
    }

    /// The last line that it wrote, after a call has failed.
    pub(in crate::plugin) fn stderr_tail(&self) -> Option<String> {
        self.stderr.end_line();
        self.stderr_tail.take()
    }
}

/// What the system said, if it was the system.
fn cause(why: wasmtime::Error) -> io::Error {
    why.downcast().unwrap_or_else(|why| io::Error::other(format!("{why:#}")))
}
