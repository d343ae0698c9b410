//! Plugins whose file changes while a server runs, and what a server says about them.

use std::path::{Path, PathBuf};

use serde_json::Value;
use tempfile::TempDir;

use crate::client::Answer;
use crate::{Server, eventually};

/// The same component with another hash: an ignored custom section is appended.
pub fn stamped(component: impl AsRef<Path>, stamp: &str) -> Vec<u8> {
    let mut bytes = std::fs::read(component).expect("a component");
    let name = b"stamp";
    let content = [&[name.len() as u8], &name[..], stamp.as_bytes()].concat();
    let length = u8::try_from(content.len()).ok().filter(|length| *length < 0x80).expect("a short stamp");
    bytes.extend([&[0, length], &content[..]].concat());
    bytes
}

/// A plugin's file, alone in its folder.
pub struct Deployed {
    dir: TempDir,
    path: PathBuf,
}

impl Deployed {
    /// A copy of a component, as `NAME.wasm`.
    pub fn new(name: &str, component: impl AsRef<Path>) -> Self {
        let dir = tempfile::tempdir().expect("a folder");
        let path = dir.path().join(format!("{name}.wasm"));
        std::fs::copy(component, &path).expect("copied");
        Self { dir, path }
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Replace the file atomically, by a rename.
    pub fn replace(&self, bytes: impl AsRef<[u8]>) {
        let next = self.dir.path().join("next");
        std::fs::write(&next, bytes).expect("written");
        std::fs::rename(next, &self.path).expect("renamed");
    }

    /// Replace the file by a component with this stamp.
    pub fn replace_with_version(&self, component: impl AsRef<Path>, stamp: &str) {
        self.replace(stamped(component, stamp));
    }
}

impl Server {
    /// POST to a plugin's route, for example `reload` or `reload?fresh=true`.
    pub async fn plugin_call(&self, plugin: &str, verb: &str) -> Answer {
        self.api_call("POST", &format!("/v1/plugins/{plugin}/{verb}"), "").await
    }

    /// Reload a plugin, which must succeed.
    pub async fn reload(&self, plugin: &str) -> Value {
        let answer = self.plugin_call(plugin, "reload").await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.json()
    }

    /// A plugin's status.
    pub async fn status(&self, plugin: &str) -> Value {
        let answer = self.api_call("GET", &format!("/v1/plugins/{plugin}"), "").await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.json()
    }

    /// Wait until a plugin's status satisfies a condition; `what` describes it.
    pub async fn wait_for_status(&self, plugin: &str, what: &str, is: impl Fn(&Value) -> bool) -> Value {
        eventually(&format!("plugin {plugin}: {what}"), || async {
            let status = self.status(plugin).await;
            is(&status).then_some(status)
        })
        .await
    }
}
