//! Random sequences: fetches begin, bring, end, are cancelled, broken off and handed on, in any order. What
//! is brought is always the beginning of what was said, and all of it when the end was good.

use std::collections::BTreeMap;

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use roomcast_tests::{Builder, EventStream, Server, Upstream, UpstreamRequest, Wire, eventually, test_guest};
use serde_json::{Value, json};

use super::{NOT_WATCHED, Stage, hooks, text};

#[derive(Debug, Clone)]
enum Step {
    Start { owner: Option<usize> },
    Say { which: prop::sample::Index, length: usize },
    End(prop::sample::Index),
    Cancel(prop::sample::Index),
    Leave(usize),
    Reload,
    Trap,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => prop::option::of(0..3usize).prop_map(|owner| Step::Start { owner }),
        8 => (any::<prop::sample::Index>(), 1..300usize).prop_map(|(which, length)| Step::Say { which, length }),
        3 => any::<prop::sample::Index>().prop_map(Step::End),
        2 => any::<prop::sample::Index>().prop_map(Step::Cancel),
        1 => (0..3usize).prop_map(Step::Leave),
        2 => Just(Step::Reload),
        1 => Just(Step::Trap),
    ]
}

/// A fetch as it should be.
struct Model {
    id: u64,
    token: String,
    asked: UpstreamRequest,
    said: String,
    owner: Option<usize>,
}

/// How one has ended that was under way, and what it had said.
struct Over {
    said: String,
    kind: &'static str,
}

async fn run(steps: Vec<Step>) {
    let upstream = Upstream::start().await;
    let quiet = Builder::default().config(NOT_WATCHED).args(["--set", "log.level=error"]);
    // A version that is taken back takes the journal of its time with it.
    let entry = format!("rollback.window = '0s'\n{}", upstream.grant(""));
    let server: Server = quiet.plugin_with(test_guest("probe"), &entry).start().await;
    let mut stage = Stage::of(server, upstream).await;
    let mut clients: Vec<Option<EventStream>> = Vec::new();
    for _ in 0..3 {
        clients.push(Some(stage.server.connect(Wire::Http11, "/sse").await));
    }
    let (mut under_way, mut over, mut started) = (Vec::<Model>::new(), BTreeMap::<String, Over>::new(), 0);
    for step in steps {
        match step {
            Step::Start { owner } => {
                let Some(owner) = owner.map_or(Some(None), |owner| clients[owner].as_ref().map(|_| Some(owner))) else {
                    continue;
                };
                started += 1;
                let token = format!("t{started}");
                let mut command = stage.get(&token);
                if let Some(owner) = owner {
                    command["for"] = json!(clients[owner].as_ref().expect("it is there").id());
                }
                let (id, mut asked) = stage.fetch(command).await;
                asked.start_raw_response().await;
                under_way.push(Model { id, token, asked, said: String::new(), owner });
            }
            Step::Say { which, length } if !under_way.is_empty() => {
                let fetch = which.get_mut(&mut under_way);
                let words = format!("{}é", fetch.said.len()).repeat(length);
                assert!(fetch.asked.write(&words).await);
                fetch.said += &words;
            }
            Step::End(which) if !under_way.is_empty() => {
                let fetch = under_way.remove(which.index(under_way.len()));
                drop(fetch.asked);
                if fetch.owner.is_some() {
                    // Otherwise its connection may be faster.
                    stage.whole(&fetch.token).await;
                }
                over.insert(fetch.token, Over { said: fetch.said, kind: "ok" });
            }
            Step::Cancel(which) if !under_way.is_empty() => {
                let mut fetch = under_way.remove(which.index(under_way.len()));
                assert_eq!(stage.ok(json!({"op": "fetch-cancel", "fetch": fetch.id})).await, json!(true));
                fetch.asked.wait_for_close().await;
                over.insert(fetch.token, Over { said: fetch.said, kind: "cancelled" });
            }
            Step::Leave(client) => {
                clients[client] = None;
                let (gone, stay) = under_way.into_iter().partition(|fetch| fetch.owner == Some(client));
                under_way = stay;
                for mut fetch in Vec::into_iter(gone) {
                    fetch.asked.wait_for_close().await;
                    over.insert(fetch.token, Over { said: fetch.said, kind: "connection-closed" });
                }
            }
            Step::Reload => _ = stage.server.reload("probe").await,
            Step::Trap => {
                settle(&stage, &over).await;
                stage.server.send_message(&stage.ada.id(), &json!({"op": "trap"}).to_string()).await;
                // The journal is gone, and with it all that has ended before.
                over.clear();
                for mut fetch in under_way.drain(..) {
                    fetch.asked.wait_for_close().await;
                    over.insert(fetch.token, Over { said: String::new(), kind: "interrupted" });
                }
            }
            _ => {}
        }
    }
    settle(&stage, &over).await;
    for fetch in &under_way {
        eventually("all that was said", || async {
            (text(&stage.calls(&fetch.token).await) == fetch.said).then_some(())
        })
        .await;
    }
    assert_eq!(stage.under_way().await, under_way.len() as f64);
}

/// Wait for every end that is to come, and compare.
async fn settle(stage: &Stage, over: &BTreeMap<String, Over>) {
    for (token, Over { said, kind }) in over {
        let calls = if *kind == "cancelled" { stage.calls(token).await } else { stage.whole(token).await };
        let brought = text(&calls);
        assert!(said.starts_with(&brought), "{token}: {brought:?} is not the beginning of {said:?}");
        let ends: Vec<&Value> = calls.iter().filter(|call| call["hook"] == "on-end").collect();
        match *kind {
            "cancelled" => assert!(ends.is_empty(), "{token}"),
            "ok" => assert_eq!((ends[0]["outcome"].clone(), &brought), (super::good(), said), "{token}"),
            kind => assert_eq!(ends[0]["outcome"], super::bad(kind), "{token}"),
        }
        assert!(ends.len() <= 1, "{token}");
        assert!(hooks(&calls).iter().skip(1).all(|hook| *hook != "on-response"), "{token}");
    }
}

#[test]
#[ignore = "slow: cargo xtask test --all"]
fn random_interleavings_deliver_each_response_exactly() {
    let cases = 24;
    let mut runner =
        TestRunner::new(Config { cases, max_shrink_iters: 50, failure_persistence: None, ..Config::default() });
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let outcome = runner.run(&prop::collection::vec(step(), 1..40), |steps| {
        runtime.block_on(run(steps));
        Ok(())
    });
    outcome.unwrap_or_else(|why| panic!("{why}"));
}
