//! A thousand reloads take nothing with them: memory, file descriptors and threads are as they were after the first hundred.

use std::fs;
use std::path::PathBuf;

use roomcast_tests::{Builder, Deployed, EventStream, Server, Wire, eventually, plugin};
use serde_json::{Value, json};

const STREAMS: usize = 30;
const SETTLED: usize = 100;
const RELOADS: usize = 1_000;
/// How many reloads lie between two messages.
const TRAFFIC: usize = 10;

/// What a process holds.
#[derive(Debug)]
struct Held {
    files: usize,
    threads: usize,
}

fn of_process(server: &Server, entry: &str) -> PathBuf {
    PathBuf::from(format!("/proc/{}/{entry}", server.child.id().expect("a running server")))
}

impl Held {
    fn by(server: &Server) -> Self {
        let count = |folder| fs::read_dir(of_process(server, folder)).expect("a running server").count();
        Self { files: count("fd"), threads: count("task") }
    }
}

/// All memory that it has, in kilobytes.
fn resident(server: &Server) -> u64 {
    let rollup = fs::read_to_string(of_process(server, "smaps_rollup")).expect("a running server");
    let line = rollup.lines().find_map(|line| line.strip_prefix("Rss:")).expect("it is listed");
    line.trim().trim_end_matches(" kB").parse().expect("a number")
}

/// A client sends a chat message, and every client receives it.
async fn chat(server: &Server, streams: &mut [EventStream], number: usize) {
    let said = json!({"type": "say", "text": number.to_string()}).to_string();
    let answer = server.send_message(&streams[number % STREAMS].id(), &said).await;
    assert_eq!(answer.status, 202, "{}", answer.text());
    for stream in streams {
        let heard: Value = serde_json::from_str(&stream.event_of("chat").await.data).expect("JSON");
        assert_eq!(heard["text"], number.to_string());
        stream.bytes.clear();
    }
}

/// `rollback` is about the version before, which is kept for a while.
async fn it_stays_flat(rollback: &str) {
    let file = Deployed::new("lobby", plugin("lobby"));
    let config = "[reload]\nwatch = false";
    let server = Builder::default().config(config).plugin_with(file.path(), rollback).start().await;
    let mut streams = Vec::new();
    for _ in 0..STREAMS {
        streams.push(server.connect(Wire::Http11, "/sse").await);
    }
    let mut then = None;
    for number in 1..=RELOADS {
        file.replace_with_version(plugin("lobby"), ["even", "odd"][number % 2]);
        server.reload("lobby").await;
        if number % TRAFFIC == 0 {
            chat(&server, &mut streams, number).await;
        }
        if number == SETTLED {
            then = Some((resident(&server), Held::by(&server)));
        }
    }
    let (before, held) = then.expect("there were so many");
    // The allocator gives back what is not used any more a second later.
    eventually(&format!("no more than 5 per cent over the {before} kB after {SETTLED} reloads"), || async {
        (resident(&server) * 100 <= before * 105).then_some(())
    })
    .await;
    // Connections of the API that have just been closed go a little later.
    eventually(&format!("no more than {held:?}"), || async {
        let now = Held::by(&server);
        (now.files <= held.files && now.threads <= held.threads).then_some(())
    })
    .await;
    assert_eq!(server.status("lobby").await["generation"], RELOADS + 1);
    assert_eq!(server.metric("roomcast_plugin_reloads_total", "outcome=\"reloaded\"").await, RELOADS as f64);
    assert_eq!(server.connections().await, STREAMS as u64);
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "slow: cargo xtask test --all"]
async fn memory_stays_flat_when_the_previous_version_is_kept() {
    it_stays_flat("").await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "slow: cargo xtask test --all"]
async fn memory_stays_flat_when_the_previous_version_is_dropped() {
    it_stays_flat("rollback.window = '0s'").await;
}
