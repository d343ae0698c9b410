//! Rust, by cargo: it makes a component by itself.

use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use super::Job;
use crate::project::folder::shown;
use crate::project::tool::{Install, MissingTool, Tool};

const TARGET: &str = "wasm32-wasip2";

const CARGO: Install = Install {
    debian: "apt install rustup && rustup default stable",
    fedora: "dnf install rustup && rustup-init",
    mac: "brew install rustup && rustup default stable",
    windows: "winget install Rustlang.Rustup",
    elsewhere: "install rustup, the installer of Rust, by your system's packages",
};

pub(super) fn build(job: &Job<'_>) -> Result<PathBuf> {
    let cargo = Tool::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    if cargo.ask(job.folder(), &["--version"]).is_none() {
        bail!(MissingTool(format!("Rust is not installed: {}", CARGO.command())));
    }
    has_target(job)?;
    job.say("building by cargo");
    let run = cargo.run(job.folder()).args(["build", "--release", "--target", TARGET]);
    let said = run.arg("--message-format=json-render-diagnostics").output()?;
    let lines = said.split(|&byte| byte == b'\n').filter_map(|line| serde_json::from_slice::<Value>(line).ok());
    let manifest = job.folder().join("Cargo.toml");
    let made = lines.filter_map(|message| component_of(&message, &manifest)).next_back();
    made.with_context(|| {
        format!(
            "{}: cargo has made no component of this package; it needs [lib] crate-type = [\"cdylib\"]",
            shown(&manifest)
        )
    })
}

/// Whether rustc has the standard library for plugins. Without it, it only says that it can't find crates.
fn has_target(job: &Job<'_>) -> Result<()> {
    let rustc = Tool::new(std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into()));
    let Some(sysroot) = rustc.ask(job.folder(), &["--print", "sysroot"]) else {
        bail!(MissingTool(format!("rustc cannot be run: {}", CARGO.command())));
    };
    if PathBuf::from(sysroot).join("lib/rustlib").join(TARGET).join("lib").is_dir() {
        return Ok(());
    }
    let needed = format!("Rust's standard library for WebAssembly is not installed: rustup target add {TARGET}");
    Err(MissingTool(needed).into())
}

/// The component of this package, if the message is that it was made.
fn component_of(message: &Value, manifest: &std::path::Path) -> Option<PathBuf> {
    let is = |key: &str, value: &str| message[key].as_str() == Some(value);
    if !is("reason", "compiler-artifact") || !is("manifest_path", manifest.to_str()?) {
        return None;
    }
    let files = message["filenames"].as_array()?.iter().filter_map(Value::as_str);
    files.into_iter().find(|file| file.ends_with(".wasm")).map(PathBuf::from)
}
