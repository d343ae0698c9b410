//! nginx with nchan, from Debian's packages.

use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, ensure};
use fs_err as fs;

use crate::machine;
use crate::servers::child::{Child, Ports};
use crate::servers::places::Places;

/// Connections beside those of subscribers: publishers, and the listener.
const OTHERS: usize = 100;

/// The programs.
pub(super) struct Nchan {
    nginx: PathBuf,
    module: PathBuf,
}

impl Nchan {
    /// Uses the packages where they lie unpacked.
    pub(super) fn find(places: &Places) -> Result<Self> {
        let root = places.nchan()?;
        let (nginx, module) = (root.join("usr/sbin/nginx"), root.join("usr/lib/nginx/modules/ngx_nchan_module.so"));
        for file in [&nginx, &module] {
            ensure!(file.exists(), "there is no {}", file.display());
        }
        Ok(Self { nginx, module })
    }

    /// What it says of itself, for example `nginx/1.22.1`; nothing if it says nothing.
    pub(super) fn version(&self) -> Option<String> {
        // It writes this to its standard error.
        let said = Command::new(&self.nginx).arg("-v").output().ok()?.stderr;
        let said = String::from_utf8_lossy(&said).trim().to_owned();
        Some(said.strip_prefix("nginx version: ")?.to_owned())
    }

    /// Starts one worker for this many subscribers.
    pub(super) fn start(&self, subscribers: usize, folder: &Path, log: PathBuf) -> Result<(Child, Ports)> {
        let address = free_address().context("cannot find a free port")?;
        let prefix = folder.join("nginx-run");
        // nginx closes idle connections when only a sixteenth of its places is free.
        let config = self.config(address, (subscribers + OTHERS) * 9 / 8);
        fs::create_dir_all(&prefix)?;
        fs::write(prefix.join("nginx.conf"), config.as_bytes())?;
        let mut command = machine::on_server_core(&self.nginx);
        // Without a slash at its end the prefix would be cut at the last one.
        command.arg("-p").arg(prefix.join("")).args(["-c", "nginx.conf", "-e", "stderr"]);
        Child::start_at(command, address, log)
    }

    /// What an operator would write for one channel; connections of publishers stay open.
    fn config(&self, address: SocketAddr, connections: usize) -> String {
        let module = self.module.display();
        format!(
            "load_module {module};
daemon off;
# One process: its CPU is the server's.
master_process off;
error_log stderr warn;
pid nginx.pid;
events {{ worker_connections {connections}; }}
http {{
  access_log off;
  tcp_nodelay on;
  client_header_timeout 1h;
  keepalive_timeout 1h;
  keepalive_requests 1000000000;
  server {{
    listen {address} backlog=4096;
    location = /sse {{
      nchan_subscriber eventsource;
      nchan_channel_id bench;
      nchan_subscriber_first_message newest;
      nchan_eventsource_ping_interval 15;
    }}
    location = /publish {{
      nchan_publisher;
      nchan_channel_id bench;
      nchan_message_buffer_length 64;
    }}
  }}
}}
"
        )
    }
}

/// nginx takes no port 0.
fn free_address() -> std::io::Result<SocketAddr> {
    TcpListener::bind("127.0.0.1:0")?.local_addr()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_configuration_names_module_address_and_connections() {
        let nchan = Nchan { nginx: "/n".into(), module: "/m.so".into() };
        let config = nchan.config(([127, 0, 0, 1], 81).into(), 200);
        for line in ["load_module /m.so;", "worker_connections 200;", "listen 127.0.0.1:81 backlog=4096;"] {
            assert!(config.contains(line), "{line} in {config}");
        }
        assert_eq!(config.matches('{').count(), config.matches('}').count());
    }
}
