//! The log goes nowhere: the server goes on, and ends in order. And what it is to tell, it tells.

use std::fs::File;
use std::io::{PipeReader, pipe};
use std::os::fd::OwnedFd;
use std::process::{Command, Stdio};
use std::thread;

use roomcast::logging;
use roomcast_tests::{Builder, EventStream, Gate, Server, Wire, eventually, test_guest};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::net::unix::pipe::{Receiver, Sender};

/// A standard error that takes nothing, and what keeps it so.
struct Stuck(File, Option<PipeReader>);

/// Each of them with its name.
async fn all_stuck() -> [(&'static str, Stuck); 3] {
    let full_disk = File::options().write(true).open("/dev/full").expect("a device of Linux");
    let (reader, unread) = full_pipe().await;
    let (gone, unheard) = pipe().expect("a pipe");
    drop(gone);
    [
        ("a full disk", Stuck(full_disk, None)),
        ("a pipe without a reader", Stuck(unread, Some(reader))),
        ("a pipe whose reader has gone", Stuck(OwnedFd::from(unheard).into(), None)),
    ]
}

/// A pipe that takes not one byte more.
async fn full_pipe() -> (PipeReader, File) {
    let (reader, writer) = pipe().expect("a pipe");
    let sender = Sender::from_owned_fd(writer.into()).expect("a pipe");
    sender.writable().await.expect("a reader");
    for size in [4096, 1] {
        while sender.try_write(&vec![b'\n'; size]).is_ok() {}
    }
    (reader, sender.into_blocking_fd().expect("a pipe").into())
}

/// A server whose plugin has a store.
fn with_store(data: &TempDir) -> Builder {
    let config = format!("[log]\nbuffer = '64KiB'\n[reload]\nwatch = false\n[data]\ndir = '{}'", data.path().display());
    Builder::default().config(&config).plugin_with(test_guest("probe"), STORE)
}

const STORE: &str = "limits.log_bytes = '1GiB'\n[plugins.capabilities.keyvalue]\npersist = 'disk'";

/// Have the plugin write more than fits, by each way that it has.
async fn flood(server: &Server, ada: &EventStream) {
    let text = format!("{}\n", "x".repeat(1_000)).repeat(50);
    for to in ["stdout", "stderr"] {
        server.probe(ada, json!({"op": "print", "to": to, "text": text})).await.expect("printed");
    }
    let log = json!({"op": "log", "level": "error", "message": text});
    server.probe(ada, log).await.expect("logged");
}

async fn all_goes_on(server: &Server, ada: &mut EventStream, what: &str) {
    assert_eq!(server.publish("__all", what).await, 1, "{what}");
    assert_eq!(ada.event_of("message").await.data, what);
    assert_eq!(server.api_call("GET", "/readyz", "").await.status, 200, "{what}");
}

#[tokio::test]
async fn unwritable_log_does_not_stop_the_server() {
    for (what, Stuck(stderr, _kept)) in all_stuck().await {
        let data = tempfile::tempdir().expect("a folder");
        let mut server = with_store(&data).stderr(stderr).start().await;
        let mut ada = server.connect(Wire::Http11, "/sse").await;
        all_goes_on(&server, &mut ada, what).await;

        flood(&server, &ada).await;
        all_goes_on(&server, &mut ada, "lines of a plugin").await;

        // An instance that traps has a line without an end, which is written while it is thrown away.
        let half = json!({"op": "print", "to": "stderr", "text": "half a line"});
        let commands = json!({"op": "all", "commands": [half, {"op": "trap"}]});
        assert_eq!(server.send_message(&ada.id(), &commands.to_string()).await.status, 503, "{what}");
        server.wait_for_status("probe", "a new instance", |status| status["restarts"] == 1).await;
        all_goes_on(&server, &mut ada, "a trap").await;

        server.reload("probe").await;
        all_goes_on(&server, &mut ada, "a reload").await;

        let config = std::fs::read_to_string(server.dir().join("roomcast.toml")).expect("readable");
        let changed = config.replace("'1GiB'", "'2GiB'");
        std::fs::write(server.dir().join("roomcast.toml"), changed).expect("written");
        server.signal("HUP");
        server.wait_for_status("probe", "its new configuration", |status| status["generation"] == 3).await;
        all_goes_on(&server, &mut ada, "a new configuration").await;

        flood(&server, &ada).await;
        eventually(&format!("{what}: the number of lost records"), || async {
            (server.metric("roomcast_log_dropped_total", "").await > 0.0).then_some(())
        })
        .await;
        assert_eq!(server.metric("roomcast_panics_total", "").await, 0.0, "{what}");

        server.probe(&ada, json!({"op": "kv-set", "key": "last", "value": what})).await.expect("set");
        server.signal("TERM");
        let (_, end) = ada.read_to_end().await;
        end.expect("an orderly end");
        assert_eq!(server.wait_for_exit().await.code(), Some(0), "{what}");

        let again = with_store(&data).start().await;
        let ada = again.connect(Wire::Http11, "/sse").await;
        let saved = again.probe(&ada, json!({"op": "kv-get", "key": "last"})).await;
        assert_eq!(saved, Ok(Value::from(what)), "the store was saved at the end");
    }
}

#[tokio::test]
async fn second_signal_exits_at_once_with_a_blocked_log() {
    let (_reader, stderr) = full_pipe().await;
    let mut server = Server::without_plugins().config("[server]\ndrain = \"1h\"").stderr(stderr).start().await;
    let _ada = server.connect(Wire::Http11, "/sse").await;
    server.signal("INT");
    eventually("the shutdown's begin", || async {
        (server.api_call("GET", "/readyz", "").await.status == 503).then_some(())
    })
    .await;
    server.signal("INT");
    assert_eq!(server.wait_for_exit().await.code(), Some(130));
}

#[tokio::test]
async fn failed_start_exits_with_a_blocked_log() {
    for (what, Stuck(stderr, _kept)) in all_stuck().await {
        let builder = Builder::default().plugin("none.wasm").stderr(stderr);
        let (_, status) = builder.refuses_to_start().await;
        assert_eq!(status.code(), Some(64), "{what}");
    }
}

/// It is told where the lines are missing.
#[tokio::test]
async fn log_reports_dropped_records_when_it_resumes() {
    let data = tempfile::tempdir().expect("a folder");
    let (reader, stderr) = full_pipe().await;
    let server = with_store(&data).stderr(stderr).start().await;
    let ada = server.connect(Wire::Http11, "/sse").await;
    flood(&server, &ada).await;
    let dropped = server.metric("roomcast_log_dropped_total", "").await;
    assert!(dropped > 0.0);

    let reader = Receiver::from_owned_fd(reader.into()).expect("a pipe");
    let mut lines = BufReader::new(reader).lines();
    let told = roomcast_tests::within_deadline("a line about what is missing", async {
        loop {
            let line = lines.next_line().await.expect("readable").expect("a line");
            if let Some((_, told)) = line.split_once("log: ") {
                break told.to_owned();
            }
        }
    });
    assert_eq!(told.await, format!("{dropped} records dropped, since standard error did not take them"));
    server.probe(&ada, json!({"op": "log", "level": "info", "message": "it goes on"})).await.expect("logged");
    let next =
        roomcast_tests::within_deadline("the next record", lines.next_line()).await.expect("readable").expect("a line");
    assert!(next.contains("it goes on"), "{next}");
}

/// Says that a process is to play a part in the test below.
const PART: &str = "ROOMCAST_TEST_PANICS";

/// The part: a process that panics again and again, with the server's log.
#[test]
fn panicking_process() {
    if std::env::var_os(PART).is_none() {
        return;
    }
    let _levels = logging::start(&logging::Config::default()).expect("a log");
    for _ in 0..2_000 {
        let faulty = thread::Builder::new().name("faulty".into()).spawn(|| panic!("on purpose: {}", "x".repeat(1_000)));
        assert!(faulty.expect("a thread").join().is_err());
    }
    logging::flush();
}

#[tokio::test]
async fn panic_is_logged_without_blocking() {
    let part = |stderr: Stdio| {
        let mut command = Command::new(std::env::current_exe().expect("this program"));
        command.args(["--exact", "log::panicking_process"]).env(PART, "").stdout(Stdio::null()).stderr(stderr);
        command.spawn().expect("this program starts").wait_with_output().expect("it ends")
    };
    for (what, Stuck(stderr, _kept)) in all_stuck().await {
        assert!(part(stderr.into()).status.success(), "{what}");
    }
    let output = part(Stdio::piped());
    let log = String::from_utf8(output.stderr).expect("UTF-8");
    let records = log.lines().filter(|line| line.contains("panic: on purpose: xxx"));
    assert!(output.status.success() && records.clone().count() >= 1, "{log}");
    for record in records {
        assert!(record.contains("thread=\"faulty\"") && record.contains("log.rs:"), "{record}");
    }
}

/// Several instances are called at once, and each line is about the connection of its own call.
#[tokio::test]
async fn line_names_the_connection_of_its_own_instance() {
    let gate = Gate::closed().await;
    let entry = format!("instances = 4\n{}", gate.grant());
    let server = Builder::default().plugin_with(test_guest("probe"), &entry).start().await;
    let ada = server.connect(Wire::Http11, "/sse").await;
    let bob = on_another_instance(&server, &ada).await;
    let print = |text: &str| json!({"op": "print", "to": "stdout", "text": format!("{text}\n")});
    let wait = json!({"op": "fetch", "url": gate.url()});
    let ada_waits = server.probe(&ada, json!({"op": "all", "commands": [wait, print("ada has waited")]}));
    let meanwhile = async {
        gate.wait_for_arrivals(1).await;
        server.probe(&bob, print("bob is here")).await.expect("printed");
        gate.open();
    };
    tokio::join!(ada_waits, meanwhile).0.expect("printed");
    for (text, stream) in [("ada has waited", &ada), ("bob is here", &bob)] {
        server.wait_for_log(text).await;
        let log = server.log();
        let line = log.lines().find(|line| line.contains(text)).expect("it was logged");
        assert!(line.contains(&format!("connection={}", stream.id())), "{line}");
    }
}

/// A stream that another instance has.
async fn on_another_instance(server: &Server, ada: &EventStream) -> EventStream {
    for _ in 0..1_000 {
        let bob = server.connect(Wire::Http11, "/sse").await;
        let calls = server.probe(&bob, json!({"op": "calls"})).await.expect("the journal");
        if !calls.to_string().contains(&ada.id()) {
            return bob;
        }
    }
    panic!("all are on one instance");
}

/// "Why was I turned away?" is what operators are asked, and at level `debug` the log knows.
#[tokio::test]
async fn refusal_is_logged_with_its_text() {
    let builder = Builder::default().config("[log]\nlevel = 'debug'\n[limits]\nconnections = 1");
    let server = builder.plugin(test_guest("probe")).start().await;
    let told = async |words: &str, parts: &[&str]| {
        server.wait_for_log(words).await;
        let log = server.log();
        let lines: Vec<_> = log.lines().filter(|line| line.contains(words)).collect();
        assert_eq!(lines.len(), 1, "{lines:#?}");
        for part in parts {
            assert!(lines[0].contains(part), "{part} in {}", lines[0]);
        }
    };
    for wire in [Wire::Http11, Wire::Http2] {
        let path = format!("/sse?reject=401&body=your%20token%0Ahas%20run%20out%20{wire:?}");
        assert_eq!(server.request(wire, "GET", &path, &[]).await.status, 401);
        let words = format!("refused: your token\\nhas run out {wire:?}");
        told(&words, &["peer=127.0.0.1:", "status=401", "path=/sse", "DEBUG"]).await;
    }
    assert_eq!(server.request(Wire::Http11, "GET", "/sse?reject=204", &[]).await.status, 204);
    told("status=204", &["refused:", "path=/sse"]).await;

    let ada = server.connect(Wire::Http11, "/sse").await;
    assert_eq!(server.request(Wire::Http11, "GET", "/sse", &[]).await.status, 503);
    told("limits.connections", &["refused: ", "status=503"]).await;
    let answer = server.send_message(&ada.id(), &json!({"op": "fail", "text": "no such move"}).to_string()).await;
    assert_eq!(answer.status, 400);
    told("refused: no such move", &[&format!("connection={}", ada.id()), "status=400", "path=/send", "POST"]).await;
    let long = json!({"op": "respond", "status": 403, "text": "long".repeat(10_000)});
    assert_eq!(server.send_message(&ada.id(), &long.to_string()).await.status, 403);
    told("longlong", &["status=403", "[...]"]).await;
    assert!(server.log().lines().all(|line| line.len() < 2_000));
}
