//! `wasi:config/store`: the plugin's own settings.

use std::collections::BTreeMap;

use wasmtime::component::HasData;

use crate::plugin::contract::bindings::store;

/// What a call works on: the settings.
pub(in crate::plugin) struct ConfigHost<'a>(pub(in crate::plugin) &'a BTreeMap<String, String>);

impl HasData for ConfigHost<'static> {
    type Data<'a> = ConfigHost<'a>;
}

impl store::Host for ConfigHost<'_> {
    fn get(&mut self, key: String) -> Result<Option<String>, store::Error> {
        Ok(self.0.get(&key).cloned())
    }

    fn get_all(&mut self) -> Result<Vec<(String, String)>, store::Error> {
        Ok(self.0.iter().map(|(key, value)| (key.clone(), value.clone())).collect())
    }
}
