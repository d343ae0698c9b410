//! Real proxies in front of the server: what passes through them is prompt, and none of it is lost.

use std::ffi::OsStr;
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::Stdio;

use roomcast_tests::{Server, Wire, eventually, open_at, stalled_at};
use tempfile::TempDir;
use tokio::net::TcpStream;
use tokio::process::{Child, Command};

use crate::answers::Ask;

/// How often each request is made through each proxy.
const TIMES: usize = 1_000;
/// Where Debian has servers; not on every user's search path.
const SBIN: &str = "/usr/sbin";
const APACHE_MODULES: &str = "/usr/lib/apache2/modules";

#[derive(Debug, Clone, Copy)]
enum Kind {
    /// As it comes: HTTP/1.0 to the server, after the whole request has arrived.
    Nginx,
    /// `proxy_request_buffering off`.
    NginxUnbuffered,
    HaProxy,
    /// HTTP/2 to the server: streams of all clients on few connections, with windows no larger than its buffers.
    HaProxyHttp2,
    Apache,
}

/// A running proxy, which ends when this is dropped.
struct Proxy {
    address: SocketAddr,
    _child: Child,
    _dir: TempDir,
}

impl Kind {
    const fn program(self) -> &'static str {
        match self {
            Self::Nginx | Self::NginxUnbuffered => "nginx",
            Self::HaProxy | Self::HaProxyHttp2 => "haproxy",
            Self::Apache => "apache2",
        }
    }

    fn config(self, listen: SocketAddr, server: SocketAddr, dir: &Path) -> String {
        let dir = dir.display();
        match self {
            Self::Nginx => nginx(listen, server, ""),
            Self::NginxUnbuffered => nginx(listen, server, "proxy_http_version 1.1; proxy_request_buffering off;"),
            Self::HaProxy => haproxy(listen, server, ""),
            Self::HaProxyHttp2 => haproxy(listen, server, "proto h2"),
            Self::Apache => format!(
                "ServerRoot {dir}\nServerName localhost\nListen {listen}\nPidFile {dir}/pid\nDefaultRuntimeDir {dir}\n\
                 ErrorLog {dir}/log\nLoadModule mpm_event_module {APACHE_MODULES}/mod_mpm_event.so\n\
                 LoadModule proxy_module {APACHE_MODULES}/mod_proxy.so\n\
                 LoadModule proxy_http_module {APACHE_MODULES}/mod_proxy_http.so\n\
                 LoadModule authz_core_module {APACHE_MODULES}/mod_authz_core.so\n\
                 User www-data\nGroup www-data\nServerLimit 1\nThreadsPerChild 64\nMaxRequestWorkers 64\n\
                 ProxyPass / http://{server}/\n"
            ),
        }
    }

    fn command(self, dir: &Path, config: &Path) -> Command {
        let found = Path::new(SBIN).join(self.program());
        let mut command = Command::new(if found.is_file() { found } else { PathBuf::from(self.program()) });
        match self {
            Self::Nginx | Self::NginxUnbuffered => {
                // Without a slash at its end the prefix would be cut at the last one.
                command.arg("-p").arg(dir.join("")).arg("-c").arg(config).args(["-e", "stderr"])
            }
            Self::HaProxy | Self::HaProxyHttp2 => {
                command.args([OsStr::new("-db"), OsStr::new("-f"), config.as_os_str()])
            }
            // In one process, so that its end is the end.
            Self::Apache => command.args([OsStr::new("-X"), OsStr::new("-f"), config.as_os_str()]),
        };
        command
    }

    async fn start(self, server: SocketAddr) -> Proxy {
        // None of them takes port 0 and says what it got.
        let free = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr());
        let address = free.expect("a free port");
        let dir = tempfile::tempdir().expect("a folder");
        let config = dir.path().join("config");
        std::fs::write(&config, self.config(address, server, dir.path())).expect("written");
        let mut command = self.command(dir.path(), &config);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).kill_on_drop(true);
        let mut child = command.spawn().unwrap_or_else(|why| {
            panic!("{}: {why}; `cargo xtask setup --only proxies` installs what is missing", self.program())
        });
        eventually("the proxy's start", || {
            let ended = child.try_wait().expect("a child");
            assert!(ended.is_none(), "{self:?} has ended with {ended:?}");
            async move { TcpStream::connect(address).await.ok() }
        })
        .await;
        Proxy { address, _child: child, _dir: dir }
    }
}

fn nginx(listen: SocketAddr, server: SocketAddr, more: &str) -> String {
    format!(
        "daemon off; master_process off; pid pid; error_log stderr;
events {{ worker_connections 1024; }}
http {{
  access_log off;
  client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path fastcgi; uwsgi_temp_path uwsgi;
  scgi_temp_path scgi; client_max_body_size 10m;
  server {{ listen {listen}; location / {{ proxy_pass http://{server}; {more} }} }}
}}
"
    )
}

fn haproxy(listen: SocketAddr, server: SocketAddr, more: &str) -> String {
    format!(
        "global
  tune.h2.initial-window-size 16384
defaults
  mode http
  option http-no-delay
  timeout connect 10s
  timeout client 1m
  timeout server 1m
listen roomcast
  bind {listen}
  server roomcast {server} {more}
"
    )
}

async fn assert_no_response_is_lost(kind: Kind) {
    let server = Server::without_plugins().start().await;
    let proxy = kind.start(server.listen).await;
    let closed = "POST /send?connection=00000000-0000-4000-8000-000000000000 HTTP/1.1";
    for (head, body, status) in [(closed, 100, 404), (closed, 50_000, 404), ("POST /nothing HTTP/1.1", 50_000, 404)] {
        Ask { to: proxy.address, head, body, status, length: None }.at_once(TIMES).await;
    }
}

async fn assert_events_are_not_buffered(kind: Kind) {
    let server = Server::without_plugins().start().await;
    let proxy = kind.start(server.listen).await;
    let mut streams = Vec::new();
    for _ in 0..5 {
        streams.push(open_at(proxy.address, Wire::Http11, "/sse").await);
    }
    server.wait_for_connections(5).await;
    // Each is published when the one before has arrived, so one that waits for another would wait for ever.
    for number in 0..50 {
        server.publish("__all", &number.to_string()).await;
        for stream in &mut streams {
            assert_eq!(stream.event().await.data, number.to_string());
        }
    }
}

#[tokio::test]
async fn stalled_reader_on_a_shared_connection_does_not_block_others() {
    let config = "[limits]\noutbox_bytes = \"64KiB\"\n[hub]\nwrite_timeout = \"60s\"";
    let server = Server::without_plugins().config(config).start().await;
    let proxy = Kind::HaProxyHttp2.start(server.listen).await;
    let _stalled = stalled_at(proxy.address, "/sse").await;
    let mut others = Vec::new();
    for _ in 0..5 {
        others.push(open_at(proxy.address, Wire::Http11, "/sse").await);
    }
    server.wait_for_connections(6).await;
    let mut sent = 0;
    while server.metric("roomcast_disconnects_total", "slow-consumer").await == 0.0 {
        assert!(sent < 1_000, "a stalled reader is never cut off");
        server.publish("__all", &"x".repeat(10_000)).await;
        for stream in &mut others {
            stream.event().await;
        }
        sent += 1;
    }
    server.wait_for_connections(5).await;
    server.publish("__all", "on it goes").await;
    for stream in &mut others {
        assert_eq!(stream.event().await.data, "on it goes");
    }
}

/// The same for every proxy.
macro_rules! through_every_proxy {
    ($($name:ident: $kind:expr,)*) => { $(
        mod $name {
            use super::*;

            #[tokio::test]
            #[ignore = "slow: cargo xtask test --all"]
            async fn no_response_is_lost() {
                assert_no_response_is_lost($kind).await;
            }

            #[tokio::test]
            async fn events_are_not_buffered() {
                assert_events_are_not_buffered($kind).await;
            }
        }
    )* };
}

through_every_proxy! {
    nginx: Kind::Nginx,
    nginx_without_request_buffering: Kind::NginxUnbuffered,
    haproxy: Kind::HaProxy,
    haproxy_over_http_2: Kind::HaProxyHttp2,
    apache: Kind::Apache,
}
