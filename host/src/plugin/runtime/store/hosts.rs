//! What each capability works on, borrowed from the data of the store for the time of one call.

use wasmtime_wasi::filesystem::WasiFilesystemCtxView;
use wasmtime_wasi::{WasiCtxView, WasiView};
use wasmtime_wasi_http::{WasiHttpCtxView, WasiHttpView};

use super::HostState;
use crate::plugin::runtime::imports::config::ConfigHost;
use crate::plugin::runtime::imports::crypto::CryptoHost;
use crate::plugin::runtime::imports::fetch::FetchHost;
use crate::plugin::runtime::imports::files::FilesHost;
use crate::plugin::runtime::imports::hub::HubHost;
use crate::plugin::runtime::imports::keyvalue::KeyvalueHost;
use crate::plugin::runtime::imports::logging::LoggingHost;
use crate::plugin::runtime::imports::request::RequestHost;
use crate::plugin::runtime::imports::timers::TimersHost;

impl HostState {
    pub(in crate::plugin) fn hub(&mut self) -> HubHost<'_> {
        HubHost { calls: &mut self.calls, broadcasts: &self.broadcasts, departed: self.departed.as_ref() }
    }

    pub(in crate::plugin) fn request(&mut self) -> RequestHost<'_> {
        RequestHost { request: self.request.as_deref() }
    }

    pub(in crate::plugin) fn timers(&mut self) -> TimersHost<'_> {
        TimersHost { calls: &mut self.calls, timers: &mut self.timers }
    }

    pub(in crate::plugin) fn crypto(&mut self) -> CryptoHost<'_> {
        CryptoHost { calls: &mut self.calls }
    }

    pub(in crate::plugin) fn logging(&mut self) -> LoggingHost<'_> {
        LoggingHost { log: &self.log, stderr_tail: &self.stderr_tail }
    }

    pub(in crate::plugin) fn config(&mut self) -> ConfigHost<'_> {
        ConfigHost(&self.calls.plugin.config.config)
    }

    pub(in crate::plugin) fn fetch(&mut self) -> FetchHost<'_> {
        FetchHost {
            calls: &mut self.calls,
            fetches: &mut self.fetches,
            client: self.grants.http.as_ref(),
            denials: self.outgoing.denials(),
        }
    }

    pub(in crate::plugin) fn keyvalue(&mut self) -> KeyvalueHost<'_> {
        KeyvalueHost { calls: &mut self.calls, granted: self.grants.keyvalue.as_ref(), table: &mut self.resources }
    }

    pub(in crate::plugin) fn files(&mut self) -> FilesHost<'_> {
        let Self { calls, files, wasi, resources, .. } = self;
        let wasi = WasiFilesystemCtxView { ctx: wasi.filesystem(), table: resources };
        FilesHost { plugin: &calls.plugin, files, wasi }
    }
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
