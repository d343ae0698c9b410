//! What the system's table says about a server's processes.

use std::fs;
use std::process::{Command, Stdio};

use crate::{Server, eventually};

/// A process in which a server has a plugin compiled. It ends with this.
#[derive(Debug)]
pub struct CompilerChild(u32);

impl CompilerChild {
    /// Stop it: whoever waits for it waits until it is ended.
    pub fn stop(&self) {
        self.signal("STOP");
    }

    /// End it in the middle of its work.
    pub fn kill(&self) {
        self.signal("KILL");
    }

    /// Wait until there is none any more.
    pub async fn ended(&self) {
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
    /// The processes that it has started and not yet forgotten.
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

    /// Wait until it has a plugin compiled, in a process that is at work.
    pub async fn compiles(&self) -> CompilerChild {
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
