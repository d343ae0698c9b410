//! Plugins are compiled in a process of their own, which leaves native code and nothing else.

use std::path::PathBuf;
use std::process::Command;

use roomcast_tests::{Builder, Server, Wire, binary, eventually, plugin, without_settings};
use tempfile::TempDir;

/// How often a server has compiled.
async fn compilations(server: &Server) -> f64 {
    server.metric("roomcast_plugin_compilations_total", "").await
}

fn in_cache(folder: &TempDir) -> String {
    format!("[cache]\ndir = '{}'", folder.path().join("native").display())
}

/// A component file, with the folder that it lies in.
fn file(name: &str, bytes: &[u8]) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join(name);
    std::fs::write(&path, bytes).expect("written");
    (folder, path)
}

/// A plugin with this many unused functions, each of some kilobytes of native code.
fn large(functions: usize) -> Vec<u8> {
    use std::fmt::Write;
    let mut text = String::from(
        r#"(component (core module $m (memory (export "memory") 1)
             (func (export "realloc") (param i32 i32 i32 i32) (result i32) unreachable)
             (func (export "f") (param i32 i32) unreachable)"#,
    );
    for function in 0..functions {
        write!(text, "(func (export \"f{function}\") (param i32 i32) (result i32)").expect("a string grows");
        for step in 0..200 {
            write!(
                text,
                "(local.set 0 (i32.add (i32.mul (local.get 0) (i32.load offset={step} (local.get 1))) (i32.const {function})))
                 (if (i32.eq (local.get 0) (i32.const {step})) (then (i32.store (local.get 1) (local.get 0))))"
            )
            .expect("a string grows");
        }
        text.push_str("(local.get 0))");
    }
    text.push_str(
        r#") (core instance $i (instantiate $m))
           (func $f (param "token" string) (canon lift (core func $i "f")
             (memory (core memory $i "memory")) (realloc (core func $i "realloc"))))
           (instance $e (export "on-timer" (func $f)))
           (export "roomcast:plugin/timer@0.1.0" (instance $e)))"#,
    );
    wat::parse_str(text).expect("valid text")
}

#[tokio::test]
async fn cached_native_code_is_reused() {
    let cache = tempfile::tempdir().expect("a folder");
    let start = || Server::with(plugin("ticker")).config(&in_cache(&cache)).start();
    let first = start().await;
    assert_eq!(compilations(&first).await, 1.0);
    first.connect(Wire::Http11, "/sse").await;
    let entries = std::fs::read_dir(cache.path().join("native")).expect("a cache");
    assert_eq!(entries.count(), 1);
    let second = start().await;
    assert_eq!(compilations(&second).await, 0.0);
    second.connect(Wire::Http11, "/sse").await;
}

#[tokio::test]
async fn plugin_loads_without_cache_and_without_compiler_process() {
    for config in ["[cache]\nenabled = false", "[cache]\nenabled = false\n[compiler]\nprocesses = 0"] {
        let server = Server::with(plugin("ticker")).config(config).start().await;
        server.connect(Wire::Http11, "/sse").await;
        assert_eq!(compilations(&server).await, 1.0);
    }
}

#[tokio::test]
async fn invalid_component_is_reported_as_by_check() {
    let whole = std::fs::read(plugin("ticker")).expect("built");
    let mut damaged = whole.clone();
    let middle = damaged.len() / 2;
    damaged[middle..middle + 64].fill(0xff);
    for bytes in [&whole[..whole.len() - 1], &whole[..1_000], &damaged] {
        let (_folder, path) = file("broken.wasm", bytes);
        let checked = Command::new(binary()).arg("check").arg(&path).output().expect("it runs");
        let (served, _) = Builder::default().plugin(&path).refuses_to_start().await;
        let sentence = |said: &str| said.trim().rsplit_once("plugin `").map(|(_, sentence)| sentence.to_owned());
        let checked = sentence(&String::from_utf8(checked.stderr).expect("UTF-8"));
        assert!(checked.as_ref().is_some_and(|why| why.contains("damaged or incomplete")), "{checked:?}");
        assert_eq!(sentence(&served), checked);
    }
}

#[tokio::test]
async fn compiler_time_and_memory_are_limited() {
    let (_folder, path) = file("large.wasm", &large(1_000));
    for (key, value) in [("timeout", "1ms"), ("memory", "64MiB")] {
        let config = format!("[cache]\nenabled = false\n[compiler]\n{key} = '{value}'");
        let (said, status) = Server::with(&path).config(&config).refuses_to_start().await;
        assert!(!status.success());
        assert!(said.contains("plugin `large`") && said.contains(&format!("`compiler.{key}` = {value}")), "{said}");
        let sentences = said.lines().filter(|line| !line.contains("INFO compiling a version"));
        assert_eq!(sentences.count(), 1, "one sentence: {said}");
    }
}

#[cfg(target_os = "linux")]
mod what_stays {
    use super::*;

    /// The open files of a server, by kind.
    fn open_files(server: &Server) -> Vec<String> {
        let id = server.child.id().expect("it runs");
        let files = std::fs::read_dir(format!("/proc/{id}/fd")).expect("the system's table");
        let target = |path: PathBuf| Some(std::fs::read_link(path).ok()?.to_string_lossy().into_owned());
        let kind = |target: String| target.split(['[', '(']).next().unwrap_or_default().to_owned();
        let mut kinds: Vec<_> = files.filter_map(|file| target(file.expect("an entry").path())).map(kind).collect();
        kinds.sort();
        kinds
    }

    /// A line of a server's status in the system's table, in the line's own unit.
    fn status(server: &Server, line: &str) -> u64 {
        let id = server.child.id().expect("it runs");
        let text = std::fs::read_to_string(format!("/proc/{id}/status")).expect("the system's table");
        let line = text.lines().find_map(|known| known.strip_prefix(line)).expect("the line");
        line.trim_start_matches(':').split_whitespace().next().and_then(|number| number.parse().ok()).expect("a number")
    }

    #[tokio::test]
    async fn compilation_leaves_no_process_file_or_thread() {
        let cache = tempfile::tempdir().expect("a folder");
        let start = || Server::with(plugin("ticker")).plugin(plugin("lobby")).config(&in_cache(&cache)).start();
        let (compiled, loaded) = (start().await, start().await);
        assert_eq!(compilations(&compiled).await, 2.0);
        assert_eq!(compilations(&loaded).await, 0.0);
        assert_eq!(compiled.children(), Vec::<u32>::new());
        eventually("the same open files", || async { (open_files(&compiled) == open_files(&loaded)).then_some(()) })
            .await;
        eventually("the same number of threads", || async {
            (status(&compiled, "Threads") == status(&loaded, "Threads")).then_some(())
        })
        .await;
    }

    /// Prints what it finds: `--nocapture` shows the figures.
    #[tokio::test]
    async fn compilation_leaves_no_compiler_memory() {
        let (_folder, path) = file("large.wasm", &large(1_000));
        let resident = |config: &'static str| {
            let start = Server::with(&path).config("[cache]\nenabled = false").config(config).start();
            async move {
                let server = start.await;
                let (now, most) = (status(&server, "VmRSS"), status(&server, "VmHWM"));
                println!("{config:?}: {now} KiB, at most {most} KiB");
                now
            }
        };
        let here = resident("[compiler]\nprocesses = 0").await;
        let child = resident("[compiler]\nprocesses = 1").await;
        // The allocator gives back what it can, and that is less than all.
        assert!(child * 3 < here * 2, "{child} KiB with a process of its own, {here} KiB without");
    }
}

#[test]
fn commands_obey_the_bounds_for_the_compiler() {
    let (folder, path) = file("large.wasm", &large(200));
    let scenario = folder.path().join("a.scenario");
    std::fs::write(&scenario, "ada connects").expect("written");
    let (path, scenario) = (path.display().to_string(), scenario.display().to_string());
    for args in [&["check", &path][..], &["inspect", &path], &["test", &path, "--scenarios", &scenario]] {
        let mut command = Command::new(binary());
        command.args(args).current_dir(folder.path());
        without_settings(&mut command);
        command.env("ROOMCAST_COMPILER_TIMEOUT", "1ms").env("ROOMCAST_CACHE_DIR", folder.path().join("cache"));
        let output = command.output().expect("the binary runs");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(!output.status.success() && said.contains("`compiler.timeout` = 1ms"), "{args:?}: {said}");
    }
}
