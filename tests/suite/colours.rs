//! Whether what is printed is coloured: one rule for the log, `roomcast tail` and `roomcast test`.

use std::process::{Command, Stdio};

use roomcast_tests::{Server, binary, test_guest, within_deadline, without_settings};
use tokio::io::{AsyncBufReadExt, BufReader};

const ESCAPE: char = '\u{1b}';

/// What `CLICOLOR_FORCE` and `NO_COLOR` are set to, and whether a pipe gets colours then.
const CASES: [(&str, &str, bool); 4] = [("", "", false), ("1", "", true), ("1", "1", false), ("", "1", false)];

#[tokio::test]
async fn log_is_coloured_as_the_environment_says() {
    for (force, never, coloured) in CASES {
        let server = Server::without_plugins().variable("CLICOLOR_FORCE", force).variable("NO_COLOR", never);
        let server = server.start().await;
        server.wait_for_log("streams: http").await;
        assert_eq!(server.log().contains(ESCAPE), coloured, "{force:?} {never:?}: {}", server.log());
    }
}

#[tokio::test]
async fn tail_is_coloured_as_the_environment_says() {
    let server = Server::without_plugins().start().await;
    for (force, never, coloured) in CASES {
        let mut command = tokio::process::Command::new(binary());
        command.args(["tail", &format!("http://{}/sse", server.listen)]).env("CLICOLOR_FORCE", force);
        command.env("NO_COLOR", never).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.kill_on_drop(true).spawn().expect("it starts");
        let mut lines = BufReader::new(child.stdout.take().expect("piped")).lines();
        server.wait_for_connections(1).await;
        server.publish("__all", "hello").await;
        let line = within_deadline("a line", lines.next_line()).await.expect("a line").expect("not the end");
        assert_eq!(line, if coloured { "\u{1b}[36mmessage\u{1b}[0m hello" } else { "message hello" });
        child.kill().await.expect("a child");
        server.wait_for_connections(0).await;
    }
}

#[test]
fn test_report_is_coloured_as_the_environment_says() {
    let folder = tempfile::tempdir().expect("a folder");
    let config = format!("[[plugins]]\nname = 'it'\npath = '{}'\n", test_guest("probe").display());
    std::fs::write(folder.path().join("roomcast.toml"), config).expect("written");
    std::fs::create_dir(folder.path().join("scenarios")).expect("a folder");
    std::fs::write(folder.path().join("scenarios/it.scenario"), "ada connects\n").expect("written");
    for (force, never, coloured) in CASES {
        let mut command = Command::new(binary());
        without_settings(&mut command);
        command.arg("test").arg(folder.path()).env("CLICOLOR_FORCE", force).env("NO_COLOR", never);
        let output = command.output().expect("the binary runs");
        let out = String::from_utf8(output.stdout).expect("UTF-8");
        assert!(output.status.success(), "{out}{}", String::from_utf8_lossy(&output.stderr));
        assert_eq!(out.contains("\u{1b}[32mok    \u{1b}[0m"), coloured, "{out:?}");
        assert_eq!(out.contains(ESCAPE), coloured, "{out:?}");
    }
}
