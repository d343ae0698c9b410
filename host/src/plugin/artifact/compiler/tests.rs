//! Children of several kinds: shell scripts stand for compilers that misbehave. The real one is in `tests/suite`.

use std::fs;
use std::path::Path;

use rustix::process::{Pid, test_kill_process};
use sha2::{Digest, Sha256};
use tempfile::TempDir;
use wasmtime::component::Component;

use super::semaphore::Semaphore;
use super::worker::{INVALID, WorkerError, answer};
use super::*;
use crate::hub::{self, Hub};
use crate::plugin::artifact::cache::{Cache, CacheConfig};
use crate::plugin::artifact::native;
use crate::plugin::runtime::imports::keyvalue::DataConfig;
use crate::plugin::{Chain, PluginConfig};

const MEMORY: usize = 64 << 20;

/// A compiler that is a script.
fn script(text: &str) -> Compiler {
    with(text, Duration::from_secs(60), MEMORY)
}

fn with(text: &str, timeout: Duration, memory: usize) -> Compiler {
    let arguments = ["-c".into(), text.into()].into();
    Compiler(Some(Arc::new(Children {
        program: "/bin/sh".into(),
        arguments,
        timeout,
        memory,
        semaphore: Semaphore::new(1),
    })))
}

fn wasmtime() -> Engine {
    Engine::new(&native::config()).expect("an engine")
}

fn component() -> Vec<u8> {
    wat::parse_str("(component (core module (func (result i32) i32.const 7)))").expect("valid text")
}

/// What a server without a cache makes of a component with this compiler.
fn load(compiler: Compiler, bytes: &[u8]) -> Result<Component, CompileError> {
    let cache = Cache::open(&CacheConfig { enabled: false, dir: None }, compiler);
    cache.component(&wasmtime(), bytes, Sha256::digest(bytes).into())
}

fn refused(compiler: Compiler) -> CompileError {
    load(compiler, &component()).map(|_| ()).expect_err("it is refused")
}

/// What the real child answers to a component.
fn answered(bytes: &[u8]) -> Result<Vec<u8>, WorkerError> {
    let mut sealed = Vec::new();
    answer(bytes, &mut sealed, None).map(|()| sealed)
}

/// A script that gives this answer.
fn answering(answer: &[u8]) -> (TempDir, Compiler) {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("answer");
    fs::write(&file, answer).expect("written");
    let compiler = script(&format!("cat > /dev/null; cat '{}'", file.display()));
    (folder, compiler)
}

#[test]
fn what_a_child_has_compiled_is_loaded() {
    let (_folder, compiler) = answering(&answered(&component()).expect("compiled"));
    assert!(load(compiler, &component()).is_ok());
    assert!(load(Compiler::in_this_process(), &component()).is_ok());
}

#[test]
fn a_component_at_fault_is_told_in_the_same_words() {
    let whole = component();
    let mut wrong = whole.clone();
    let last = wrong.len() - 1;
    wrong[last] = 0xff;
    for bytes in [&whole[..last], &whole[..9], &wrong] {
        let Err(CompileError::Invalid(here)) = load(Compiler::in_this_process(), bytes) else {
            panic!("it is refused")
        };
        let Err(WorkerError::Component(there)) = answered(bytes) else { panic!("it is refused") };
        assert_eq!(here, there);
    }
    let text = "two lines\n  of it, as they are\n";
    let compiler = script(&format!("cat > /dev/null; printf '%s' '{text}' >&2; exit {INVALID}"));
    let CompileError::Invalid(why) = refused(compiler) else { panic!("the component is at fault") };
    assert_eq!(why, text);
}

#[test]
fn an_answer_that_is_not_the_compilers_is_refused() {
    let sealed = answered(&component()).expect("compiled");
    let other = answered(&wat::parse_str("(component)").expect("valid text")).expect("compiled");
    let mut damaged = sealed.clone();
    let middle = damaged.len() / 2;
    damaged[middle] ^= 1;
    for bytes in [&b""[..], b"nonsense", &sealed[..sealed.len() - 1], &damaged, &other, &[&sealed[..], b"x"].concat()] {
        let (_folder, compiler) = answering(bytes);
        let why = refused(compiler);
        assert!(matches!(why, CompileError::Damaged { .. }), "{why}");
    }
    // What another configuration has made, under a seal that is right.
    let other = Engine::default();
    let key = Key::of_component(Sha256::digest(component()).into(), &wasmtime());
    let code = other.precompile_component(&component()).expect("compiled");
    let (_folder, compiler) = answering(&seal(&key, &code));
    let CompileError::Damaged { why } = refused(compiler) else { panic!("it is refused") };
    assert!(why.contains("epoch"), "{why}");
}

#[test]
fn an_answer_without_an_end_is_cut_off() {
    let endless = "cat > /dev/null; exec cat /dev/zero";
    assert!(matches!(refused(with(endless, Duration::from_secs(60), MEMORY)), CompileError::Died { .. }));
    let endless = "cat > /dev/null; exec cat /dev/zero >&2";
    assert!(matches!(refused(with(endless, Duration::from_secs(60), MEMORY)), CompileError::Died { .. }));
}

#[test]
fn both_sides_may_talk_at_once() {
    // More than any pipe holds, in every direction, before a byte of the component is read.
    let talks = "head -c 3000000 /dev/zero; head -c 200000 /dev/zero >&2; cat > /dev/null";
    let why = load(script(talks), &vec![0; 3_000_000]).map(|_| ()).expect_err("no answer");
    assert!(matches!(why, CompileError::Damaged { .. }), "{why}");
}

#[test]
fn a_child_is_ended_at_the_time_limit() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("id");
    let text = format!("echo $$ > '{}'; exec sleep 1000", file.display());
    let id = [100, 1_000, 10_000, 50_000].into_iter().find_map(|millis| {
        let why = refused(with(&text, Duration::from_millis(millis), MEMORY));
        assert_eq!(why.limit(), Some("compiler.timeout"), "{why}");
        assert!(why.to_string().contains("longer than `compiler.timeout` = "), "{why}");
        // On a busy machine the limit may come before the first line.
        read_id(&file)
    });
    let gone = test_kill_process(id.expect("it has started at last"));
    assert_eq!(gone, Err(rustix::io::Errno::SRCH), "neither running nor a zombie");
}

fn read_id(file: &Path) -> Option<Pid> {
    Pid::from_raw(fs::read_to_string(file).ok()?.trim().parse().ok()?)
}

#[test]
fn a_death_is_told_with_the_last_words() {
    let why = refused(script("cat > /dev/null; echo 'memory allocation of 9 bytes failed' >&2; kill -s ABRT $$"));
    assert_eq!(why.limit(), Some("compiler.memory"));
    let text = why.to_string();
    for word in ["SIGABRT", ": memory allocation of 9 bytes failed);", "`compiler.memory` = 64MiB"] {
        assert!(text.contains(word), "{word} in {text}");
    }
    let why = refused(script("printf '\\nthread panicked at x.rs:1\\n\\033[1mwhy\\nnote: more\\n' >&2; exit 101"));
    assert_eq!(why.limit(), None, "a mistake of the compiler is no bound");
    let text = why.to_string();
    assert!(text.contains("(exit status: 101: thread panicked at x.rs:1 \\u{1b}[1mwhy);"), "{text}");
}

#[test]
fn a_child_knows_nothing_of_the_servers_surroundings() {
    assert!(std::env::var_os("CARGO_MANIFEST_DIR").is_some(), "cargo sets it for tests");
    let why = refused(script("cat > /dev/null; echo \"there is [$CARGO_MANIFEST_DIR]\" >&2; exit 101")).to_string();
    assert!(why.contains("there is []"), "{why}");
}

#[test]
fn a_program_that_does_not_start_is_named_with_the_way_out() {
    let children = Children {
        program: "/dev/null/compiler".into(),
        arguments: Vec::new(),
        timeout: Duration::from_secs(60),
        memory: MEMORY,
        semaphore: Semaphore::new(1),
    };
    let why = refused(Compiler(Some(Arc::new(children)))).to_string();
    assert!(why.contains("no process can be started") && why.contains("`compiler.processes` = 0"), "{why}");
}

/// A compiler that answers when a second one is at work, or after a long time not at all.
#[tokio::test]
async fn plugins_of_a_chain_are_compiled_at_the_same_time() {
    let plugin = wat::parse_str(TIMER).expect("valid text").leak();
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("answer"), answered(plugin).expect("compiled")).expect("written");
    let text = "cd '{}'; touch begun.$$; cat > /dev/null; for turn in $(seq 1200); do \
        if [ $(ls begun.* | wc -l) -ge 2 ]; then cat answer; exit 0; fi; sleep 0.05; done; echo alone >&2; exit 1";
    let children = Children {
        program: "/bin/sh".into(),
        arguments: ["-c".into(), text.replace("{}", &folder.path().display().to_string()).into()].into(),
        timeout: Duration::from_secs(120),
        memory: MEMORY,
        semaphore: Semaphore::new(2),
    };
    let no_cache = CacheConfig { enabled: false, dir: None };
    let engine =
        crate::plugin::Engine::with_compiler(&no_cache, &DataConfig::default(), Compiler(Some(Arc::new(children))));
    let plugins = ["a", "b"].map(|name| PluginConfig::embedded(name, plugin)).into();
    let (hub, _) = Hub::start(&hub::Config::default(), hub::HubLimits::default()).expect("a hub");
    let chain = Chain::load(&engine.expect("an engine"), plugins, hub.clone()).await;
    let chain = chain.unwrap_or_else(|why| panic!("{why}"));
    let names: Vec<_> = chain.describe().into_iter().map(|plugin| plugin.name).collect();
    assert_eq!(names, ["a", "b"]);
    hub.stop();
}

const TIMER: &str = r#"(component
    (core module $m (memory (export "memory") 1)
        (func (export "realloc") (param i32 i32 i32 i32) (result i32) unreachable)
        (func (export "f") (param i32 i32) unreachable))
    (core instance $i (instantiate $m))
    (func $f (param "token" string)
        (canon lift (core func $i "f") (memory (core memory $i "memory")) (realloc (core func $i "realloc"))))
    (instance $e (export "on-timer" (func $f)))
    (export "roomcast:plugin/timer@0.1.0" (instance $e)))"#;
