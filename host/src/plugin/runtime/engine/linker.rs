//! What plugins may import, each from the part that implements it.

use wasmtime::Engine;
use wasmtime::component::Linker;

use crate::plugin::contract::bindings::{crypto, fetch, hub, keyvalue, logging, store, timers, types};
use crate::plugin::runtime::imports::config::ConfigHost;
use crate::plugin::runtime::imports::crypto::CryptoHost;
use crate::plugin::runtime::imports::fetch::FetchHost;
use crate::plugin::runtime::imports::hub::HubHost;
use crate::plugin::runtime::imports::keyvalue::KeyvalueHost;
use crate::plugin::runtime::imports::logging::LoggingHost;
use crate::plugin::runtime::imports::request::RequestHost;
use crate::plugin::runtime::imports::timers::TimersHost;
use crate::plugin::runtime::imports::{files, http};
use crate::plugin::runtime::store::HostState;

/// A linker with all that can be imported.
pub(super) fn linker(engine: &Engine) -> wasmtime::Result<Linker<HostState>> {
    let mut linker = Linker::new(engine);
    // All of WASI 0.2 can be linked, since standard libraries import it; what may be done with it is for `HostState` to
    // say.
    wasmtime_wasi::p2::add_to_linker_async(&mut linker)?;
    files::add_to_linker(&mut linker, HostState::files)?;
    http::add_to_linker(&mut linker)?;
    types::add_to_linker::<_, RequestHost<'_>>(&mut linker, HostState::request)?;
    hub::add_to_linker::<_, HubHost<'_>>(&mut linker, HostState::hub)?;
    timers::add_to_linker::<_, TimersHost<'_>>(&mut linker, HostState::timers)?;
    crypto::add_to_linker::<_, CryptoHost<'_>>(&mut linker, HostState::crypto)?;
    logging::add_to_linker::<_, LoggingHost<'_>>(&mut linker, HostState::logging)?;
    store::add_to_linker::<_, ConfigHost<'_>>(&mut linker, HostState::config)?;
    fetch::add_to_linker::<_, FetchHost<'_>>(&mut linker, HostState::fetch)?;
    keyvalue::store::add_to_linker::<_, KeyvalueHost<'_>>(&mut linker, HostState::keyvalue)?;
    keyvalue::atomics::add_to_linker::<_, KeyvalueHost<'_>>(&mut linker, HostState::keyvalue)?;
    keyvalue::batch::add_to_linker::<_, KeyvalueHost<'_>>(&mut linker, HostState::keyvalue)?;
    Ok(linker)
}
