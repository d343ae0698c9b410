//! nginx with nchan, from Debian's packages.

use std::fs;
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::bench::child::{Child, Ports};
use crate::bench::machine;
use crate::failure::{Failure, Outcome};
use crate::{files, process};

const PACKAGES: [&str; 2] = ["nginx", "libnginx-mod-nchan"];
/// Connections beside those of subscribers: publishers, and the listener.
const OTHERS: usize = 100;
/// nchan has nginx create the folder `body` in it, whatever the configuration says.
const STATE: &str = "/var/lib/nginx";

/// The programs, below `/` or in a folder.
pub(super) struct Nchan {
    nginx: PathBuf,
    module: PathBuf,
}

impl Nchan {
    /// Finds it installed, or unpacks Debian's packages into the bench's folder: nothing is configured or started.
    pub(super) fn prepare(folder: &Path) -> Outcome<Self> {
        let own = folder.join("nginx");
        let found = Self::below(Path::new("/")).or_else(|| Self::below(&own));
        let found = found.map_or_else(|| unpack(&own), Ok)?;
        fs::create_dir_all(STATE).map_err(|cause| {
            Failure::new(format!(
                "nchan needs the folder {STATE}, which cannot be created ({cause}): create it as root"
            ))
        })?;
        Ok(found)
    }

    fn below(root: &Path) -> Option<Self> {
        let found =
            Self { nginx: root.join("usr/sbin/nginx"), module: root.join("usr/lib/nginx/modules/ngx_nchan_module.so") };
        (found.nginx.exists() && found.module.exists()).then_some(found)
    }

    /// What it says of itself, for example `nginx/1.22.1`; nothing if it says nothing.
    pub(super) fn version(&self) -> Option<String> {
        // It writes this to its standard error.
        let said = Command::new(&self.nginx).arg("-v").output().ok()?.stderr;
        let said = String::from_utf8_lossy(&said).trim().to_owned();
        Some(said.strip_prefix("nginx version: ")?.to_owned())
    }

    /// Starts one worker for so many subscribers.
    pub(super) fn start(&self, subscribers: usize, folder: &Path, log: PathBuf) -> Outcome<(Child, Ports)> {
        let address = free_address().map_err(|cause| Failure::new(format!("cannot find a free port: {cause}")))?;
        let prefix = folder.join("nginx-run");
        // nginx closes idle connections when only a sixteenth of its places is free.
        let config = self.config(address, (subscribers + OTHERS) * 9 / 8);
        files::write(&prefix.join("nginx.conf"), config.as_bytes())?;
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

/// Downloads the packages and unpacks them; this needs no rights.
fn unpack(root: &Path) -> Outcome<Nchan> {
    let names = PACKAGES.join(" ");
    let advice = |cause: &Failure| {
        Failure::new(format!(
            "it is not installed, and `apt-get download {names}` did not bring it: {cause}. Install the packages, on Debian \
             or its kin `apt-get install {names}`"
        ))
    };
    eprintln!("nchan: apt-get download {names}");
    let packages = root.join("packages");
    fs::create_dir_all(&packages).map_err(|cause| Failure::file("create", &packages, &cause))?;
    let download =
        || process::output(Command::new("apt-get").current_dir(&packages).args(["download", "-q"]).args(PACKAGES));
    // A new machine has no package lists, one that has run for months has old ones. Only root can fetch them.
    let update = |cause| process::output(Command::new("apt-get").args(["update", "-q"])).map_err(|_| cause);
    download().or_else(|cause| update(cause).and_then(|_| download())).map_err(|cause| advice(&cause))?;
    let files = fs::read_dir(&packages).map_err(|cause| Failure::file("read", &packages, &cause))?;
    for file in
        files.flatten().map(|entry| entry.path()).filter(|path| path.extension().is_some_and(|end| end == "deb"))
    {
        process::output(Command::new("dpkg-deb").arg("--extract").arg(file).arg(root))
            .map_err(|cause| advice(&cause))?;
    }
    Nchan::below(root).ok_or_else(|| advice(&Failure::new("the packages have no nginx, or no module")))
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
