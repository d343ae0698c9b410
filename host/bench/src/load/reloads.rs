//! A plugin that is replaced again and again while something is measured.

use std::io::{self, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, anyhow};
use fs_err as fs;

use super::publisher::Answer;

/// Two versions whose native code is kept after the first time: what compiling costs is another question.
const STAMPS: [&[u8]; 2] = [b"even", b"odd"];
/// How long a reload may take; the first ones compile.
const LONGEST: Duration = Duration::from_secs(60);
/// How many answers may wait to be taken.
const ANSWERS: usize = 10_000;

/// A thread that has the server reload its plugin, with another version in the file each time.
pub(crate) struct Reloads {
    orders: SyncSender<()>,
    done: Receiver<Result<Duration>>,
    ordered: usize,
}

impl Reloads {
    /// For a server with this API, and the plugin `lobby` in this file.
    pub(crate) fn new(api: SocketAddr, file: &Path) -> Result<Self> {
        let (orders, ordered) = sync_channel::<()>(1);
        let (answers, done) = sync_channel(ANSWERS);
        let mut plugin = Plugin::new(api, file)?;
        // It ends with the orders.
        thread::spawn(move || while ordered.recv().is_ok() && answers.send(plugin.reload()).is_ok() {});
        Ok(Self { orders, done, ordered: 0 })
    }

    /// Has the plugin reloaded now, or after the reload that is under way; when one waits already this is no other.
    pub(crate) fn begin(&mut self) {
        match self.orders.try_send(()) {
            Ok(()) => self.ordered += 1,
            // If the thread has ended, its error is among the answers.
            Err(TrySendError::Full(()) | TrySendError::Disconnected(())) => {}
        }
    }

    /// Waits until all are done; how long each took, from request to answer.
    pub(crate) fn finish(&mut self) -> Result<Vec<Duration>> {
        let late = |_| anyhow!("no answer to a reload for {LONGEST:?}");
        let ordered = std::mem::take(&mut self.ordered);
        (0..ordered).map(|_| self.done.recv_timeout(LONGEST).map_err(late)?).collect()
    }
}

struct Plugin {
    file: PathBuf,
    versions: [Vec<u8>; 2],
    api: SocketAddr,
    reloads: usize,
}

impl Plugin {
    fn new(api: SocketAddr, file: &Path) -> Result<Self> {
        let component = fs::read(file)?;
        let versions = STAMPS.map(|stamp| stamped(&component, stamp));
        Ok(Self { file: file.into(), versions, api, reloads: 0 })
    }

    fn reload(&mut self) -> Result<Duration> {
        let next = self.file.with_extension("next");
        fs::write(&next, &self.versions[self.reloads % 2])?;
        fs::rename(&next, &self.file)?;
        self.reloads += 1;
        let start = Instant::now();
        let bytes = self.ask().context("reload")?;
        match Answer::parse(&bytes) {
            Some(answer) if answer.status == "200" => Ok(start.elapsed()),
            _ => Err(anyhow!("reload: the server answered:\n{}", String::from_utf8_lossy(&bytes))),
        }
    }

    /// On a connection of its own: one that is not used for some seconds would be closed.
    fn ask(&self) -> io::Result<Vec<u8>> {
        let mut socket = TcpStream::connect(self.api)?;
        socket.set_read_timeout(Some(LONGEST))?;
        let request = format!(
            "POST /v1/plugins/lobby/reload HTTP/1.1\r\nHost: {}\r\nContent-Type: application/json\r\n\
             Content-Length: 0\r\nConnection: close\r\n\r\n",
            self.api
        );
        socket.write_all(request.as_bytes())?;
        let mut bytes = Vec::new();
        socket.read_to_end(&mut bytes)?;
        Ok(bytes)
    }
}

/// The same component with another hash: with a custom section that is ignored (its id is 0; all lengths are below
/// 128, and so one byte).
fn stamped(component: &[u8], stamp: &[u8]) -> Vec<u8> {
    let name = b"stamp";
    let content = [&[name.len() as u8], &name[..], stamp].concat();
    [component, &[0, content.len() as u8], &content].concat()
}
