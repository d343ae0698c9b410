//! Without a language's tools: what is missing is said, with the command that brings it.

use std::process::Stdio;

use tokio::process::Command;

use super::{Language, in_every_language, roomcast};

async fn missing(language: Language) {
    let folder = tempfile::tempdir().expect("a folder");
    let run = async |arguments: &[&str]| {
        let mut command = Command::from(roomcast());
        command.current_dir(folder.path()).args(arguments).stdin(Stdio::null());
        for variable in ["GO", "ZIG", "PYTHON", "NODE", "RUSTC", "CARGO"] {
            command.env_remove(variable);
        }
        command.env("PATH", folder.path()).env("HOME", folder.path());
        let output = command.output().await.expect("it starts");
        (output.status.success(), String::from_utf8(output.stderr).expect("UTF-8"))
    };
    let (begun, said) = run(&["new", "my-chat", "--lang", language.name()]).await;
    assert!(begun, "a project can be begun without its tools: {said}");
    let (built, said) = run(&["build", "my-chat"]).await;
    assert!(!built && !said.contains("panicked"), "{said}");
    let commands = ["apt install", "pip install", "brew install", "winget", "dnf install", "by your system's packages"];
    assert!(said.contains("not installed") && commands.iter().any(|command| said.contains(command)), "{said}");
    assert!(!folder.path().join("my-chat/build/my-chat.wasm").exists());
}

in_every_language!(
    #[ignore = "slow: cargo xtask test --all"]
    missing
);
