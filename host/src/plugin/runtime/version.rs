//! One version of a plugin: a component that was loaded, ready to make instances of.

use std::sync::Arc;
use std::time::SystemTime;

use wasmtime::component::InstancePre;

use super::engine::Engine;
use super::grants::Granted;
use super::plugin::Plugin;
use super::store::HostState;
use crate::plugin::artifact::cache::Hash;

/// A plugin that is loaded: what all instances of this version share.
pub(in crate::plugin) struct Version {
    pub(in crate::plugin) plugin: Arc<Plugin>,
    /// Its number: versions of one plugin that were started are counted from 1.
    pub(in crate::plugin) generation: u64,
    pub(in crate::plugin) loaded: SystemTime,
    pub(in crate::plugin) hash: Hash,
    pub(in crate::plugin) pre: InstancePre<HostState>,
    pub(in crate::plugin) grants: Arc<Granted>,
    pub(in crate::plugin) engine: Engine,
}
