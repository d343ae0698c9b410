//! Standard output and standard error: each line becomes a record of the log.

mod stderr_tail;

use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};

use bytes::Bytes;
use tokio::io::AsyncWrite;
use wasmtime_wasi::cli::{IsTerminal, StdoutStream};
use wasmtime_wasi::p2::{OutputStream, Pollable, StreamResult};

use crate::lock::lock;
use crate::plugin::runtime::log::{InstanceLog, Severity};
pub(in crate::plugin) use stderr_tail::StderrTail;

/// How much a guest may write at once; more goes in several calls.
const CHUNK: usize = 64 << 10;

/// One of the two streams. All handles of a guest are clones of it.
#[derive(Clone)]
pub(in crate::plugin) struct StandardStream(Arc<LineWriter>);

struct LineWriter {
    log: InstanceLog,
    severity: Severity,
    name: &'static str,
    /// Records each line, too.
    stderr_tail: Option<StderrTail>,
    /// The line that has no newline yet.
    line: Mutex<Vec<u8>>,
}

impl StandardStream {
    pub(in crate::plugin) fn output(log: InstanceLog) -> Self {
        Self::new(log, Severity::Info, "stdout", None)
    }

    /// Standard error, where a panic prints its reason.
    pub(in crate::plugin) fn error(log: InstanceLog, stderr_tail: StderrTail) -> Self {
        Self::new(log, Severity::Warn, "stderr", Some(stderr_tail))
    }

    fn new(log: InstanceLog, severity: Severity, name: &'static str, stderr_tail: Option<StderrTail>) -> Self {
        Self(Arc::new(LineWriter { log, severity, name, stderr_tail, line: Mutex::new(Vec::new()) }))
    }

    /// Write the line that has no newline yet: nothing more will come.
    pub(in crate::plugin) fn end_line(&self) {
        let line = std::mem::take(&mut *lock(&self.0.line));
        self.0.write(&line);
    }

    fn take(&self, bytes: &[u8]) {
        let inner = &*self.0;
        let mut line = lock(&inner.line);
        let mut parts = bytes.split(|&byte| byte == b'\n').peekable();
        while let Some(part) = parts.next() {
            // Longer lines are cut in the log, so only one byte more is kept, which shows that it is longer.
            let room = (inner.log.line_bytes() + 1).saturating_sub(line.len());
            line.extend_from_slice(&part[..part.len().min(room)]);
            if parts.peek().is_some() {
                inner.write(&line);
                line.clear();
            }
        }
    }
}

impl LineWriter {
    fn write(&self, line: &[u8]) {
        let text = String::from_utf8_lossy(line.trim_ascii_end());
        if !text.is_empty() {
            self.log.write(self.severity, self.name, &text);
            if let Some(stderr_tail) = &self.stderr_tail {
                stderr_tail.record(&text);
            }
        }
    }
}

impl Drop for LineWriter {
    /// Writes the last line, also of a guest that trapped.
    fn drop(&mut self) {
        let line = std::mem::take(&mut *lock(&self.line));
        self.write(&line);
    }
}

impl IsTerminal for StandardStream {
    fn is_terminal(&self) -> bool {
        false
    }
}

impl StdoutStream for StandardStream {
    fn p2_stream(&self) -> Box<dyn OutputStream> {
        Box::new(self.clone())
    }

    fn async_stream(&self) -> Box<dyn AsyncWrite + Send + Sync> {
        Box::new(self.clone())
    }
}

#[wasmtime_wasi::async_trait]
impl Pollable for StandardStream {
    async fn ready(&mut self) {}
}

impl OutputStream for StandardStream {
    fn write(&mut self, bytes: Bytes) -> StreamResult<()> {
        self.take(&bytes);
        Ok(())
    }

    fn flush(&mut self) -> StreamResult<()> {
        Ok(())
    }

    fn check_write(&mut self) -> StreamResult<usize> {
        Ok(CHUNK)
    }
}

impl AsyncWrite for StandardStream {
    fn poll_write(self: Pin<&mut Self>, _: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.take(bytes);
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}
