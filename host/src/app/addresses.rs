//! Where a server is reached, and how others are told.

use std::io::{self, Write};
use std::net::SocketAddr;
use std::path::Path;

use crate::files::{self, Access};
use crate::listen::Address;

/// Where a server is reached.
#[derive(Debug, Clone)]
pub struct Addresses {
    /// Where clients connect.
    pub listen: SocketAddr,
    /// Where operators connect.
    pub api: Option<SocketAddr>,
    pub(super) stream_path: String,
    pub(super) message_path: String,
    pub(super) has_page: bool,
}

impl Addresses {
    /// As programs on this machine reach it.
    pub fn local(self) -> Self {
        let local = |address| Address::from(address).local_target();
        Self { listen: local(self.listen), api: self.api.map(local), ..self }
    }

    /// The stream.
    pub fn stream(&self) -> String {
        format!("http://{}{}", self.listen, self.stream_path)
    }

    /// Where messages go.
    pub fn messages(&self) -> String {
        format!("http://{}{}", self.listen, self.message_path)
    }

    /// The page, if there is one.
    pub fn page(&self) -> Option<String> {
        self.has_page.then(|| format!("http://{}/", self.listen))
    }

    /// The API, if it is served.
    pub fn api(&self) -> Option<String> {
        self.api.map(|api| format!("http://{api}/v1/"))
    }

    /// Log them.
    pub fn log(&self) {
        tracing::info!("streams: {}  messages: {}", self.stream(), self.messages());
        if let Some(page) = self.page() {
            tracing::info!("page: {page}");
        }
        if let Some(api) = self.api() {
            tracing::info!("api: {api}");
        }
    }

    /// Write them for programs that have started this one; whole, or not at all.
    ///
    /// # Errors
    /// Those of the file system.
    pub fn write(&self, path: &Path) -> io::Result<()> {
        let ports =
            serde_json::json!({ "listen": self.listen.to_string(), "api": self.api.map(|api| api.to_string()) });
        files::replace(path, Access::Shared, |file| file.write_all(ports.to_string().as_bytes()))
    }
}
