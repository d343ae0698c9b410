//! What people type, and what they are told when it is wrong.

use std::process::Command;

use roomcast_tests::{Server, binary, test_guest, without_settings};

struct Said {
    out: String,
    err: String,
    success: bool,
    code: Option<i32>,
}

fn roomcast(args: &[&str]) -> Said {
    let folder = tempfile::tempdir().expect("a folder");
    let mut command = Command::new(binary());
    without_settings(&mut command);
    let output = command.args(args).current_dir(folder.path()).output().expect("the binary runs");
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("UTF-8");
    Said {
        out: text(&output.stdout),
        err: text(&output.stderr),
        success: output.status.success(),
        code: output.status.code(),
    }
}

#[test]
fn help_shows_commands_and_examples() {
    let said = roomcast(&["--help"]);
    assert!(said.success);
    for word in ["serve", "check", "config", "completions", "Examples", "curl"] {
        assert!(said.out.contains(word), "{word} in {}", said.out);
    }
    assert!(roomcast(&["--version"]).out.starts_with("roomcast 0."));
    assert!(roomcast(&["completions", "bash"]).out.contains("_roomcast"));
    assert!(roomcast(&["completions", "zsh"]).out.contains("#compdef roomcast"));
}

#[test]
fn config_prints_the_resolved_configuration() {
    let said =
        roomcast(&["config", "--listen", "127.0.0.1:1", "--api", "off", "--path", "/x", "--set", "hub.keepalive=2s"]);
    assert!(said.success, "{}", said.err);
    for line in ["listen = \"127.0.0.1:1\"", "listen = \"off\"", "path = \"/x\"", "keepalive = \"2s\""] {
        assert!(said.out.contains(line), "{line} in {}", said.out);
    }
}

#[test]
fn usage_errors_are_explained() {
    for (args, words) in [
        (&["serve", "--config", "missing.toml"][..], &["missing.toml"][..]),
        (&["serve", "--set", "hub.keepalve=2s"], &["keepalve", "did you mean `keepalive`"]),
        (&["serve", "--set", "nonsense"], &["SECTION.KEY=VALUE"]),
        (&["serve", "--set", "hub.keepalive=within_deadline"], &["within_deadline", "15s"]),
        (&["serve", "--listen", "nowhere"], &["nowhere", "\"localhost:8080\"", "\":8080\""]),
        (&["serve", "--api", "nowhere:"], &["nowhere", "off"]),
        (&["serve", "--plugin", "none", "--api", ":0"], &["api.token"]),
        (&["serve", "--plugin", "none", "x.wasm"], &["`none` cannot go with other plugins"]),
        (&["serve", "--plugin", "none", "--api", "0.0.0.0:0"], &["api.token"]),
        (&["serve", "--plugin", "none", "--static", "missing"], &["static.dir", "missing", "not a folder"]),
        (&["serve", "--plugin", "none", "--path", "sse"], &["endpoint.path"]),
        (&["serve", "--plugin", "none", "--set", "log.level=[[["], &["log.level"]),
        (&["serve", "missing.wasm"], &["missing.wasm"]),
        (&["check", "missing.wasm"], &["missing.wasm"]),
        (&["serve", "--set", "limits.rooms_per_connection=0"], &["limits.rooms_per_connection"]),
        (&["serve", "--set", "hub.write_timeout=2days"], &["hub.write_timeout"]),
        (&["serv"], &["serve"]),
    ] {
        let said = roomcast(args);
        assert!(!said.success, "{args:?}");
        for word in words {
            assert!(said.err.contains(word), "{word:?} for {args:?}: {}", said.err);
        }
        assert!(!said.err.contains("panicked"), "{}", said.err);
    }
}

#[test]
fn exit_code_tells_wrong_arguments_from_failures() {
    for (args, code) in [
        (&["--help"][..], 0),
        (&["serv"], 64),
        (&["serve", "--no-such-flag"], 64),
        (&["serve", "--set", "hub.keepalve=2s"], 64),
        (&["serve", "--plugin", "none", "x.wasm"], 64),
        (&["serve", "--config", "missing.toml"], 64),
        (&["tail", "ftp://example.org"], 64),
        (&["tail", "-H", "no colon"], 64),
        (&["compile"], 64),
        (&["publish", "--api", "off off", "room", "x"], 64),
        (&["check", "missing.wasm"], 1),
        (&["serve", "missing.wasm"], 64),
        (&["publish", "--api", "127.0.0.1:1", "room", "x"], 1),
    ] {
        let said = roomcast(args);
        assert_eq!(said.code, Some(code), "{args:?}: {}{}", said.out, said.err);
    }
}

#[test]
fn config_refuses_what_serve_refuses_at_its_start() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("roomcast.toml");
    let path = test_guest("probe").display().to_string();
    for (text, words) in [
        (format!("[api]\nlisten = ':0'\n[[plugins]]\npath = '{path}'"), "api.token"),
        ("plugins = []\n[endpoint]\npath = 'sse'".into(), "endpoint.path"),
        ("plugins = []\n[static]\ndir = 'missing'".into(), "static.dir"),
        ("plugins = []\n[log]\nlevel = 'loud'".into(), "log.level"),
        ("plugins = []\n[hub]\nauto_join_room = \"a\\nb\"".into(), "hub.auto_join_room"),
        ("[[plugins]]\npath = 'missing.wasm'".into(), "missing.wasm"),
        (format!("[[plugins]]\npath = '{path}'\n[[plugins]]\npath = '{path}'"), "twice"),
        (format!("[[plugins]]\npath = '{path}'\nname = 'a/b'"), "a/b"),
        (format!("[[plugins]]\npath = '{path}'\nname = '{}'", "x".repeat(65)), "64 bytes"),
        (format!("[[plugins]]\npath = '{path}'\nname = \"a\\u202eb\""), "not visible"),
        (format!("[[plugins]]\npath = '{path}'\ncapabilities.env = ['NO_SUCH_VARIABLE']"), "NO_SUCH_VARIABLE"),
    ] {
        std::fs::write(&file, &text).expect("written");
        for verb in ["config", "serve"] {
            let said = roomcast(&[verb, "--config", &file.display().to_string()]);
            assert_eq!(said.code, Some(64), "{verb}: {text}: {}", said.err);
            assert!(said.err.contains(words), "{verb}: {text}: {}", said.err);
        }
    }
}

#[tokio::test]
async fn occupied_port_is_named_in_the_error() {
    let server = Server::without_plugins().start().await;
    let taken = server.listen.to_string();
    let said = roomcast(&["serve", "--plugin", "none", "--api", "off", "--listen", &taken]);
    assert!(!said.success);
    assert!(said.err.contains("server.listen") && said.err.contains(&taken), "{}", said.err);
}

#[tokio::test]
async fn listener_accepts_common_address_forms() {
    for (form, families) in [("localhost:0", 1), (":0", 2)] {
        let server = Server::without_plugins().listen(form).start().await;
        let port = server.listen.port();
        let mut reached = Vec::new();
        for address in [std::net::IpAddr::from([127, 0, 0, 1]), std::net::Ipv6Addr::LOCALHOST.into()] {
            reached.extend(tokio::net::TcpStream::connect((address, port)).await.ok());
        }
        // A machine without IPv6 has one family.
        let expected = if server.listen.is_ipv4() { 1 } else { families };
        assert_eq!(reached.len(), expected, "{form} is {}", server.listen);
    }
}

#[tokio::test]
async fn json_log_format_prints_one_object_a_line() {
    let server = Server::without_plugins().args(["--log-format", "json"]).start().await;
    server.wait_for_log("streams: http").await;
    for line in server.log().lines() {
        let record: serde_json::Value = serde_json::from_str(line).unwrap_or_else(|why| panic!("{why}: {line}"));
        assert_eq!(record["level"], "INFO");
    }
    let server = Server::without_plugins().start().await;
    server.wait_for_log("streams: http").await;
    assert!(!server.log().contains('\u{1b}'), "no colours where there is no terminal");
}

#[test]
fn inspect_prints_the_parts_of_a_component() {
    let probe = test_guest("probe");
    let said = roomcast(&["inspect", &probe.display().to_string()]);
    assert!(said.success, "{}", said.err);
    for word in [
        "roomcast:plugin@0.1.0",
        "hooks    lifecycle, connect",
        "wasi:http/outgoing-handler",
        "capabilities.http",
        "of code",
        "memory",
        "compile",
    ] {
        assert!(said.out.contains(word), "{word} in {}", said.out);
    }
    let said = roomcast(&["inspect", "missing.wasm"]);
    assert!(!said.success && said.err.contains("missing.wasm"), "{}", said.err);
}

/// A plugin with the hook `timer`, which exports the same interface by another name as well.
fn component_that_exports_also(export: &str) -> Vec<u8> {
    let text = format!(
        r#"(component
            (core module $m (memory (export "memory") 1)
                (func (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const 0))
                (func (export "timer") (param i32 i32)))
            (core instance $i (instantiate $m))
            (func $timer (param "token" string) (canon lift (core func $i "timer")
                (memory (core memory $i "memory")) (realloc (core func $i "realloc"))))
            (instance $hook (export "on-timer" (func $timer)))
            (export "roomcast:plugin/timer@0.1.0" (instance $hook))
            (export "{export}" (instance $hook)))"#
    );
    wat::parse_str(text).expect("valid text")
}

/// A project that "builds" `p.wasm` of `made.bin`.
fn project() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("roomcast.toml"), "[[plugins]]\npath = \"p.wasm\"").expect("written");
    let script = folder.path().join("build.sh");
    std::fs::write(&script, "#!/bin/sh\ncp made.bin p.wasm\n").expect("written");
    std::fs::set_permissions(&script, std::os::unix::fs::PermissionsExt::from_mode(0o755)).expect("executable");
    folder
}

#[test]
fn json_is_for_other_programs() {
    let folder = project();
    let [dir, made, plugin] = ["", "made.bin", "p.wasm"].map(|name| folder.path().join(name).display().to_string());
    let bytes = component_that_exports_also("roomcast:plugin/conect@0.1.0");
    std::fs::write(&made, &bytes).expect("written");
    let json = |args: &[&str]| {
        let said = roomcast(args);
        (said.success, serde_json::from_str::<serde_json::Value>(&said.out).expect("JSON"), said.err)
    };
    for (verb, of, own) in [("build", &dir, "seconds"), ("check", &plugin, "warnings"), ("inspect", &plugin, "parts")] {
        let (success, shown, err) = json(&[verb, "--json", of]);
        assert!(success, "{verb}: {err}");
        assert_eq!((&shown["contract"], &shown["size"]), (&"roomcast:plugin@0.1.0".into(), &bytes.len().into()));
        assert_eq!((&shown["hooks"][0], shown["sha256"].as_str().map(str::len)), (&"timer".into(), Some(64)));
        assert!(shown["never_called"][0].as_str().is_some_and(|why| why.contains("conect")), "{verb}: {shown}");
        assert!(shown["warnings"][1].as_str().is_some_and(|why| why.contains("`state`")), "{verb}: {shown}");
        assert!(shown["plugin"].as_str().is_some_and(|path| path.ends_with("p.wasm")), "{verb}: {shown}");
        assert!(!shown[own].is_null(), "{verb}: {shown}");
    }
    let (success, shown, err) = json(&["check", "--json", "missing.wasm"]);
    let why = shown["error"].as_str().expect("the reason");
    assert!(!success && why.contains("missing.wasm") && err.contains(why), "{shown} {err}");
    for args in [&["inspect", "--json", "missing.wasm"][..], &["build", "--json", "missing"]] {
        let said = roomcast(args);
        assert!(!said.success && said.out.is_empty() && said.err.contains("missing"), "{args:?}: {}", said.err);
    }
}

#[tokio::test]
async fn export_that_is_never_called_is_told_by_every_verb() {
    let folder = project();
    let [dir, made, plugin] = ["", "made.bin", "p.wasm"].map(|name| folder.path().join(name).display().to_string());
    std::fs::create_dir(folder.path().join("scenarios")).expect("a folder");
    std::fs::write(folder.path().join("scenarios/a.scenario"), "scenario it starts\n  ada connects\n")
        .expect("written");
    for (export, why) in [
        ("roomcast:plugin/conect@0.1.0", "no hook of this name; its hooks are lifecycle, connect, "),
        ("roomcast:plugin/resume@0.1.7", "a newer contract than this server's roomcast:plugin@0.1.0"),
    ] {
        std::fs::write(&made, component_that_exports_also(export)).expect("written");
        for args in [&["build", &dir][..], &["check", &plugin], &["inspect", &plugin], &["test", &dir]] {
            let said = roomcast(args);
            assert!(said.success, "{args:?}: {}{}", said.out, said.err);
            let line = said.out.lines().find(|line| line.contains(&format!("never called: {export}: ")));
            assert!(line.is_some_and(|line| line.contains(why)), "{args:?}: {}", said.out);
        }
        let server = Server::with(&plugin).start().await;
        server.wait_for_log(&format!("never called: {export}: ")).await;
    }
}

#[test]
fn component_for_wasi_0_3_is_named() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("p.wasm");
    let text = r#"(component
        (core module $m
            (func (export "f") (result i32) unreachable)
            (func (export "c") (param i32 i32 i32) (result i32) unreachable))
        (core instance $i (instantiate $m))
        (func $f async (canon lift (core func $i "f") async (callback (core func $i "c"))))
        (instance $run (export "run" (func $f)))
        (export "wasi:cli/run@0.3.0" (instance $run)))"#;
    std::fs::write(&path, wat::parse_str(text).expect("valid text")).expect("written");
    for verb in ["check", "inspect", "serve"] {
        let said = roomcast(&[verb, &path.display().to_string()]);
        assert!(!said.success);
        assert!(said.err.contains("it is made for WASI 0.3, since it has async functions"), "{verb}: {}", said.err);
        assert!(said.err.contains("build it for WASI 0.2"), "{verb}: {}", said.err);
    }
}

#[test]
fn compile_fills_the_cache() {
    let folder = tempfile::tempdir().expect("a folder");
    let cache = folder.path().join("cache");
    let config = folder.path().join("roomcast.toml");
    let text = format!("[cache]\ndir = '{}'\n[[plugins]]\npath = '{}'", cache.display(), test_guest("probe").display());
    std::fs::write(&config, text).expect("written");
    let said = roomcast(&["compile", "--config", &config.display().to_string()]);
    assert!(said.success && said.out.contains("is in the cache"), "{}{}", said.out, said.err);
    assert_eq!(std::fs::read_dir(&cache).expect("the cache").count(), 1);
    std::fs::write(&config, "[cache]\nenabled = false").expect("written");
    let said =
        roomcast(&["compile", "--config", &config.display().to_string(), &test_guest("probe").display().to_string()]);
    assert!(!said.success && said.err.contains("cache.enabled"), "{}", said.err);
}
