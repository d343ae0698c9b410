//! Components in text form, each with one thing wrong.

use super::*;
use crate::plugin::artifact::cache::CacheConfig;
use crate::plugin::runtime::imports::keyvalue::DataConfig;

fn engine() -> Engine {
    Engine::new(&CacheConfig { enabled: false, dir: None }, &DataConfig::default()).expect("an engine")
}

/// What examining says; the interfaces of hooks when nothing is wrong.
fn examined(bytes: &[u8]) -> Result<Vec<&'static str>, String> {
    examine(&engine(), bytes).map(|found| found.hooks.names()).map_err(|problem| problem.to_string())
}

fn text(wat: &str) -> Result<Vec<&'static str>, String> {
    examined(&wat::parse_str(wat).expect("valid text"))
}

fn refused(wat: &str) -> String {
    text(wat).expect_err("it is refused")
}

/// A component that exports an interface with one function, whose body is never run.
fn exporting(interface: &str, function: &str, ty: &str, core: &str) -> String {
    format!(
        r#"(component
            (core module $m (memory (export "memory") 1)
                (func (export "realloc") (param i32 i32 i32 i32) (result i32) unreachable)
                (func (export "f") {core} unreachable))
            (core instance $i (instantiate $m))
            (func $f {ty} (canon lift (core func $i "f") (memory (core memory $i "memory")) (realloc (core func $i "realloc"))))
            (instance $e (export "{function}" (func $f)))
            (export "{interface}" (instance $e)))"#
    )
}

const TIMER: &str = "roomcast:plugin/timer@0.1.0";

fn timer(interface: &str) -> String {
    exporting(interface, "on-timer", r#"(param "token" string)"#, "(param i32 i32)")
}

fn importing(import: &str) -> String {
    let component = timer(TIMER);
    component.replacen("(component", &format!("(component (import \"{import}\" (instance (export \"f\" (func))))"), 1)
}

#[test]
fn a_component_with_one_hook_is_a_plugin() {
    assert_eq!(text(&timer(TIMER)), Ok(vec!["timer"]));
    assert_eq!(text(&timer("roomcast:plugin/timer@0.1.7")), Ok(vec!["timer"]), "a later patch is the same contract");
}

#[test]
fn what_is_no_component_is_told_apart() {
    assert!(examined(b"").expect_err("refused").contains("not a WebAssembly"));
    assert!(examined(b"#!/bin/sh\n").expect_err("refused").contains("not a WebAssembly"));
    assert!(examined(b"\n (component)").expect_err("refused").contains("as text"));
    assert!(refused("(module)").contains("a core module, not a component"));
    let whole = wat::parse_str(timer(TIMER)).expect("valid");
    assert!(examined(&whole[..9]).is_err());
    assert!(examined(&whole[..whole.len() / 2]).expect_err("refused").contains("damaged or incomplete"));
}

#[test]
fn an_export_that_is_never_called_is_told() {
    let told = |export: &str| {
        let known = timer(TIMER);
        let text = format!("{} (export \"{export}\" (instance $e)))", &known[..known.len() - 1]);
        let found = examine(&engine(), &wat::parse_str(text).expect("valid text")).expect("a plugin");
        assert_eq!(found.hooks.names(), ["timer"]);
        found.never_called
    };
    let newer = told("roomcast:plugin/weather@0.1.3");
    assert_eq!(newer.len(), 1, "{newer:?}");
    assert!(newer[0].starts_with("roomcast:plugin/weather@0.1.3: "), "{newer:?}");
    assert!(newer[0].contains("a newer contract than this server's roomcast:plugin@0.1.0"), "{newer:?}");
    let misspelt = told("roomcast:plugin/conect@0.1.0");
    assert!(misspelt[0].contains("has no hook of this name; its hooks are lifecycle, connect,"), "{misspelt:?}");
    assert_eq!(told("acme:db/sql@0.1.0"), Vec::<String>::new(), "exports of others are for others");
}

#[test]
fn wasi_0_3_is_named() {
    let asynchronous = r#"(component
        (core module $m (func (export "f") (result i32) unreachable) (func (export "c") (param i32 i32 i32) (result i32) unreachable))
        (core instance $i (instantiate $m))
        (func $f async (canon lift (core func $i "f") async (callback (core func $i "c"))))
        (instance $e (export "run" (func $f)))
        (export "wasi:cli/run@0.3.0" (instance $e)))"#;
    let why = refused(asynchronous);
    assert!(why.contains("made for WASI 0.3, since it has async functions: build it for WASI 0.2"), "{why}");
    let why = refused(&importing("wasi:clocks/system-clock@0.3.0"));
    assert!(why.contains("made for WASI 0.3, since it imports `wasi:clocks/system-clock@0.3.0`"), "{why}");
    let why = refused(&importing("wasi:cli/stdout@0.3.0-rc-2026-02-09"));
    assert!(why.contains("made for WASI 0.3"), "{why}");
}

#[test]
fn another_version_is_named_with_this_one() {
    for other in ["roomcast:plugin/timer@0.2.0", "roomcast:plugin/timer@1.1.0", "roomcast:plugin/timer"] {
        let why = refused(&timer(other));
        assert!(why.contains("this server speaks roomcast:plugin@0.1.0"), "{why}");
    }
    assert!(refused(&timer("roomcast:plugin/timer@0.2.0")).contains("made for roomcast:plugin@0.2.0"));
    let why = refused(&importing("roomcast:plugin/hub@0.3.1"));
    assert!(why.contains("made for roomcast:plugin@0.3.1"), "{why}");
}

#[test]
fn an_import_that_is_not_there_is_named_with_those_that_are() {
    for missing in [
        "wasi:http/incoming-handler@0.2.6",
        "wasi:keyvalue/watcher@0.2.0-draft2",
        "acme:db/sql@1.0.0",
        "wasi:nn/tensor@0.2.0-rc-2024-10-28",
        "roomcast:plugin/weather@0.1.0",
    ] {
        let why = refused(&importing(missing));
        assert!(why.contains(&format!("imports `{missing}`")) && why.contains("wasi:logging"), "{why}");
    }
    for wrong in [
        "wasi:cli/stdout@0.2.6",
        "roomcast:plugin/hub@0.1.0",
        "wasi:http/outgoing-handler@0.2.6",
        "wasi:keyvalue/store@0.2.0-draft",
    ] {
        let why = refused(&importing(wrong));
        assert!(why.contains("not what this server offers") && why.contains(wrong), "{why}");
        assert!(why.contains("wasi:keyvalue@0.2.0-draft2"), "with the version that is offered: {why}");
    }
}

#[test]
fn a_hook_of_another_type_is_named_with_the_right_one() {
    let why = refused(&exporting(TIMER, "on-timer", r#"(param "token" u32)"#, "(param i32)"));
    assert!(why.contains("hook `timer`") && why.contains("`on-timer` should be `func(token: string)`"), "{why}");
    assert!(why.contains("u32"), "{why}");
    let why = refused(&exporting(TIMER, "on-tick", r#"(param "token" string)"#, "(param i32 i32)"));
    assert!(why.contains("`on-timer`") && why.contains("it is missing"), "{why}");
    let why = refused(&exporting(
        "roomcast:plugin/room@0.1.0",
        "on-leave",
        r#"(param "c" (tuple u64 u64)) (param "r" string)"#,
        "(param i64 i64 i32 i32)",
    ));
    assert!(why.contains("`on-join`"), "every function of an interface is needed: {why}");
}

#[test]
fn without_a_hook_it_would_never_be_called() {
    assert!(refused("(component)").contains("exports no hook"));
    let why = refused(&exporting("wasi:cli/run@0.2.6", "run", "", ""));
    assert!(why.contains("exports no hook") && why.contains("wasi:cli/run@0.2.6"), "{why}");
}

#[test]
fn versions_belong_to_series() {
    assert_eq!(["0.1.0", "0.12.3", "1.2.3", "12.0.0", "x"].map(series), ["0.1", "0.12", "1", "12", "x"]);
}

#[test]
fn files_are_read_with_care() {
    let folder = tempfile::tempdir().expect("a folder");
    let why = |path: &Path| read(path).expect_err("refused").to_string();
    assert!(why(&folder.path().join("missing.wasm")).contains("missing.wasm cannot be read"));
    assert!(why(folder.path()).contains("not a file"));
    assert!(why(Path::new("/dev/zero")).contains("not a file"));
    let large = folder.path().join("large.wasm");
    std::fs::File::create(&large).and_then(|file| file.set_len(MAX_FILE + 1)).expect("a file that is mostly a hole");
    assert!(why(&large).contains("larger than 128 MiB"));
}
