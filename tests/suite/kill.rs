//! The server is killed at any moment, while its plugin is compiled and replaced and its store is written: the next start on
//! the same folders works, and finds what the store had at one moment, not long ago.

use std::cell::Cell;
use std::path::Path;
use std::time::Duration;

use futures_util::future::join_all;
use roomcast_tests::{Builder, Deployed, EventStream, Server, Wire, eventually, test_guest};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::time::sleep;

/// Servers that live and die at the same time, and how often each is killed.
const SITES: u64 = 3;
const KILLS: usize = 5;
/// A server lives for no longer than this, in milliseconds; its store is saved every second.
const LONGEST: u64 = 3_500;
/// The keys that are always set together, and how often the number stands in their value.
const KEYS: [&str; 3] = ["a", "b", "c"];
const REPEAT: usize = 2_000;

/// What outlives a server, and what is known of its store. Each step sets all keys to the step's number, and then counts.
struct Site {
    file: Deployed,
    data: TempDir,
    cache: TempDir,
    /// Steps that were begun.
    begun: Cell<u64>,
    /// Steps that were answered.
    done: Cell<u64>,
    /// Steps that are on the disk for certain.
    saved: Cell<u64>,
}

impl Site {
    fn new() -> Self {
        let folder = || tempfile::tempdir().expect("a folder");
        let file = Deployed::new("probe", test_guest("probe"));
        let none = || Cell::new(0);
        Self { file, data: folder(), cache: folder(), begun: none(), done: none(), saved: none() }
    }

    async fn start(&self) -> (Server, EventStream) {
        let (data, cache) = (self.data.path().display(), self.cache.path().display());
        let config = format!("[data]\ndir = '{data}'\n[cache]\ndir = '{cache}'\n[reload]\nwatch = false");
        let store = "[plugins.capabilities.keyvalue]\npersist = 'disk'";
        let server = Builder::default().config(&config).plugin_with(self.file.path(), store).start().await;
        let ada = server.connect(Wire::Http11, "/sse").await;
        (server, ada)
    }

    /// The store is as it was after some step, or in the middle of one: not before what was saved for certain, and not
    /// after what was begun.
    async fn check(&self, server: &Server, ada: &EventStream) {
        let count = ok(server, ada, json!({"op": "kv-get", "key": "count"})).await;
        let count: u64 = count.as_str().map_or(0, |text| text.parse().expect("a number"));
        let (saved, begun) = (self.saved.get(), self.begun.get());
        assert!((saved..=begun).contains(&count), "{count}, of {saved} that were saved and {begun} that were begun");
        let pairs = ok(server, ada, json!({"op": "kv-get-many", "keys": KEYS})).await;
        let values = KEYS.map(|key| {
            let pair = pairs.as_array().and_then(|pairs| pairs.iter().find(|pair| pair[0] == key));
            pair.map_or(0, |pair| whole(pair[1].as_str().expect("a text")))
        });
        assert_eq!(values, [values[0]; 3], "all of them are set, or none");
        assert!(values[0] == count || values[0] == count + 1, "{} after {count} steps", values[0]);
        // What comes out of the file is in it.
        self.saved.set(count);
        self.begun.set(count);
        self.done.set(count);
    }

    async fn write(&self, server: &Server, ada: &EventStream) {
        loop {
            let step = self.begun.get() + 1;
            self.begun.set(step);
            let set = json!({"op": "kv-set-many", "keys": KEYS, "value": format!("{step};"), "repeat": REPEAT});
            let count = json!({"op": "kv-increment", "key": "count", "delta": 1});
            // The journal is emptied, which would grow with each step.
            let commands = json!({"op": "all", "commands": [set, count, {"op": "forget-calls"}]});
            assert_eq!(ok(server, ada, commands).await[1], json!({"ok": step}), "the next number");
            self.done.set(step);
        }
    }

    /// A save that begins after a step has it. One may be under way, so it is the one after the next that counts.
    async fn watch_saves(&self, server: &Server) {
        let saves = async || server.metric("roomcast_plugin_store_saves_total", "outcome=\"saved\"").await;
        loop {
            let (done, before) = (self.done.get(), saves().await);
            eventually("two saves", || async { (saves().await >= before + 2.0).then_some(()) }).await;
            self.saved.set(done);
        }
    }

    /// Between a version that has to be compiled and the one before it.
    async fn reload(&self, server: &Server, life: usize) {
        for number in 0.. {
            self.file.replace_with_version(test_guest("probe"), &(life + number % 2).to_string());
            server.reload("probe").await;
        }
    }

    async fn live_and_die(&self, life: usize, moment: Duration) {
        let (mut server, ada) = self.start().await;
        self.check(&server, &ada).await;
        tokio::select! {
            () = self.write(&server, &ada) => {}
            () = self.watch_saves(&server) => {}
            () = self.reload(&server, life) => {}
            () = sleep(moment) => {}
        }
        server.signal("KILL");
        server.wait_for_exit().await;
    }
}

/// What a command answers that succeeds.
async fn ok(server: &Server, ada: &EventStream, command: Value) -> Value {
    server.probe(ada, command).await.unwrap_or_else(|why| panic!("{why}"))
}

/// The number that a value has over and over; one that is torn or mixed is a failure.
fn whole(value: &str) -> u64 {
    let (number, _) = value.split_once(';').expect("a number first");
    assert_eq!(value, format!("{number};").repeat(REPEAT));
    number.parse().expect("a number")
}

fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).expect("a folder");
    entries.map(|entry| entry.expect("an entry").file_name().into_string().expect("a plain name")).collect()
}

/// Moments that are the same each time (splitmix64).
fn moments(seed: u64) -> impl Iterator<Item = Duration> {
    (1u64..).map(move |number| {
        let mut bits = seed.wrapping_add(number).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        bits = (bits ^ bits >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        bits = (bits ^ bits >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
        Duration::from_millis((bits ^ bits >> 31) % LONGEST)
    })
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "slow: cargo xtask test --all"]
async fn restart_after_a_kill_finds_the_store() {
    let lives = async |seed: u64| {
        let site = Site::new();
        for (life, moment) in moments(seed * 1_000).take(KILLS).enumerate() {
            Box::pin(site.live_and_die(life, moment)).await;
        }
        let (server, ada) = site.start().await;
        site.check(&server, &ada).await;
        assert_eq!(names(&site.data.path().join("keyvalue")), ["probe.redb"]);
        let (kept, unfinished): (Vec<_>, Vec<_>) =
            names(site.cache.path()).into_iter().partition(|name| name.ends_with(".native"));
        // The first one, and a stamped one for each life and one more; of each life at most what it was at in the end.
        assert!(kept.len() <= KILLS + 2 && unfinished.len() <= KILLS, "{kept:?} {unfinished:?}");
        site.saved.get()
    };
    let saved = join_all((1..=SITES).map(lives)).await;
    assert!(saved.iter().all(|steps| *steps > 0), "something was kept of each: {saved:?}");
}
