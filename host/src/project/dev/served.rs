//! What `roomcast dev` serves in place of the component that `roomcast.toml` names.

use std::sync::{Arc, Mutex};

use crate::lock::lock;
use crate::plugin::{PluginConfig, Source};
use crate::project::build::Interpreted;

/// Where the component finds the plugin's source.
const SOURCE: &str = "/source";

/// What is served in place of the component, if anything is. It holds for one run of `dev`; clones are the same.
#[derive(Debug, Clone, Default)]
pub struct Served {
    shared: Arc<Mutex<Option<Interpreted>>>,
}

impl Served {
    pub(super) fn now(&self) -> Option<Interpreted> {
        lock(&self.shared).clone()
    }

    pub(super) fn set(&self, interpreted: Interpreted) {
        *lock(&self.shared) = Some(interpreted);
    }

    /// Have the project's plugin be what is served: the component that reads the source, which may read the folder with it.
    /// Its name, limits and other capabilities are as they were.
    pub fn put_into(&self, plugin: &mut PluginConfig) {
        let Some(Interpreted { component, source, .. }) = self.now() else { return };
        plugin.name = Some(plugin.name());
        plugin.source = Source::File(component);
        plugin.capabilities.folders.insert(SOURCE.into(), source);
    }

    /// Whether this configuration has what is served.
    pub(super) fn is_in(&self, plugin: &PluginConfig) -> bool {
        let mut wanted = plugin.clone();
        self.put_into(&mut wanted);
        wanted == *plugin
    }
}

#[cfg(test)]
mod tests {
    use std::path::{Path, PathBuf};
    use std::time::Duration;

    use super::*;
    use crate::project::build::Effort;

    #[test]
    fn plugin_is_replaced_once_there_is_something_to_serve() {
        let configured = PluginConfig::from(Path::new("build/mine.wasm"));
        let (served, mut plugin) = (Served::default(), configured.clone());
        served.put_into(&mut plugin);
        assert_eq!(plugin, configured);
        assert!(served.is_in(&plugin));
        let effort = Effort::Read(Duration::ZERO);
        served.set(Interpreted { component: "dev.wasm".into(), source: "source/1".into(), effort });
        assert!(!served.is_in(&plugin));
        served.put_into(&mut plugin);
        assert!(served.is_in(&plugin));
        assert_eq!((plugin.name(), plugin.file()), ("mine".into(), Some(PathBuf::from("dev.wasm"))));
        assert_eq!(plugin.capabilities.folders[SOURCE], PathBuf::from("source/1"));
    }
}
