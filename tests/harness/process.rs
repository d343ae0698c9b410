//! A server's child processes, from /proc.

use std::fs;
use std::process::{Command, Stdio};

use crate::{Server, eventually};

/// A server's compiler process. It is killed when this is dropped.
#[derive(Debug)]
pub struct CompilerChild(u32);

impl CompilerChild {
    /// Stop it with SIGSTOP.
    pub fn stop(&self) {
        self.signal("STOP");
    }

    /// Kill it.
    pub fn kill(&self) {
        self.signal("KILL");
    }

    /// Wait until it has exited.
    pub async fn wait_for_end(&self) {
        eventually("the end of a compiler", || async { (!compiles(self.0)).then_some(()) }).await;
    }

    fn signal(&self, name: &str) {
        let status = Command::new("kill").args(["-s", name, &self.0.to_string()]).status();
        assert!(status.expect("kill runs").success(), "{self:?} has ended before");
    }
}

impl Drop for CompilerChild {
    fn drop(&mut self) {
        if compiles(self.0) {
            // It may end by itself at the same time.
            let _ = Command::new("kill").args(["-s", "KILL", &self.0.to_string()]).stderr(Stdio::null()).status();
        }
    }
}

impl Server {
    /// The ids of its child processes that it has not reaped.
    pub fn children(&self) -> Vec<u32> {
        let id = self.child.id().expect("it runs").to_string();
        let is_child = |number: &u32| {
            let stat = fs::read_to_string(format!("/proc/{number}/stat")).unwrap_or_default();
            // After the name, which may contain anything: the state, then the parent.
            stat.rsplit_once(") ").and_then(|(_, rest)| rest.split(' ').nth(1)) == Some(&*id)
        };
        let processes = fs::read_dir("/proc").expect("the system's table");
        let numbers = processes.filter_map(|process| process.ok()?.file_name().to_str()?.parse().ok());
        numbers.filter(is_child).collect()
    }

    /// Wait until a compiler process runs.
    pub async fn wait_for_compiler(&self) -> CompilerChild {
        eventually("a process that compiles", || async {
            let is_at_work = |child: &u32| {
                let threads = fs::read_dir(format!("/proc/{child}/task"));
                compiles(*child) && threads.is_ok_and(|threads| threads.count() > 1)
            };
            self.children().into_iter().find(is_at_work).map(CompilerChild)
        })
        .await
    }
}

/// Whether a process is one that compiles. One that has ended has no command line, though its parent may not know yet.
fn compiles(process: u32) -> bool {
    let line = fs::read(format!("/proc/{process}/cmdline")).unwrap_or_default();
    line.split(|byte| *byte == 0).nth(1) == Some(b"compile-plugin")
}
