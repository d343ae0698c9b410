//! What one instance has on the host's side: its store's data.

mod allowance;
mod broadcasts;
mod footprint;
mod memory;

use std::sync::Arc;
use std::time::{Duration, Instant};

use wasmtime::component::ResourceTable;
use wasmtime_wasi::{WasiCtx, WasiCtxView, WasiView};

pub(super) use allowance::Allowance;
use broadcasts::BroadcastRate;
pub(super) use footprint::Footprint;
pub(super) use memory::{MemoryLimiter, Refused};

use super::bindings::types::Error;
use super::imports::StandardStream;
use super::timers::Timers;
use super::version::Version;
use crate::event::ConnectionId;

/// Handles of WASI resources (streams, pollables) that an instance may hold at once.
const MAX_RESOURCES: usize = 10_000;
/// The most random bytes in one call.
const MAX_RANDOM: u64 = 1 << 20;

/// The data of a store.
pub(super) struct HostState {
    /// What it is an instance of.
    pub(super) version: Arc<Version>,
    pub(super) timers: Timers,
    pub(super) memory: MemoryLimiter,
    pub(super) footprint: Footprint,
    /// What the call that is running may still do.
    pub(super) allowance: Allowance,
    /// What it may still broadcast.
    pub(super) broadcasts: BroadcastRate,
    /// The CPU time of its calls that nobody has asked about yet.
    pub(super) cpu: Duration,
    /// When the call that is running is interrupted.
    pub(super) deadline: Instant,
    /// The connection that has just gone, whose tag can still be read.
    pub(super) departed: Option<Departed>,
    wasi: WasiCtx,
    resources: ResourceTable,
}

/// A connection that the hub does not know any more.
#[derive(Debug, Clone)]
pub(super) struct Departed {
    pub(super) id: ConnectionId,
    pub(super) tag: Option<Arc<str>>,
}

impl HostState {
    pub(super) fn new(version: &Arc<Version>) -> Self {
        let mut resources = ResourceTable::new();
        resources.set_max_capacity(MAX_RESOURCES);
        // No files, variables or arguments, and an empty standard input, unless they are given.
        let wasi = WasiCtx::builder()
            .stdout(StandardStream::output(version.log.clone()))
            .stderr(StandardStream::error(version.log.clone()))
            .max_random_size(MAX_RANDOM)
            .allow_tcp(false)
            .allow_udp(false)
            .allow_ip_name_lookup(false)
            .build();
        Self {
            timers: Timers::new(version.progress.timer_ids.clone()),
            memory: MemoryLimiter::new(&version.limits),
            footprint: Footprint::new(version),
            allowance: Allowance::default(),
            broadcasts: BroadcastRate::new(&version.limits),
            cpu: Duration::ZERO,
            deadline: Instant::now(),
            departed: None,
            version: version.clone(),
            wasi,
            resources,
        }
    }

    /// Take one call to the host, with so many bytes of arguments, off what the call of the hook may do.
    ///
    /// # Errors
    /// The one for the guest, when nothing is left.
    pub(super) fn charge(&mut self, bytes: usize) -> Result<(), Error> {
        self.allowance.take(bytes).map_err(|error| self.counted(error))
    }

    /// Count an error as one of a bound, if it is one.
    pub(super) fn counted(&self, error: Error) -> Error {
        if let Error::LimitExceeded(limit) = &error {
            self.version.metrics.limit_reached(&limit.limit);
        }
        error
    }
}

impl WasiView for HostState {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView { ctx: &mut self.wasi, table: &mut self.resources }
    }
}
