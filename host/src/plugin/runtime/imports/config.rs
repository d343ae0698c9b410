//! `wasi:config/store`: the plugin's own settings.

use crate::plugin::contract::bindings::store;
use crate::plugin::runtime::store::HostState;

impl store::Host for HostState {
    fn get(&mut self, key: String) -> Result<Option<String>, store::Error> {
        Ok(self.version.config.config.get(&key).cloned())
    }

    fn get_all(&mut self) -> Result<Vec<(String, String)>, store::Error> {
        Ok(self.version.config.config.iter().map(|(key, value)| (key.clone(), value.clone())).collect())
    }
}
