//! Fetches go where the state goes: to a new version, to a fresh instance, and after a failure.

use roomcast_tests::{Builder, Deployed, Server, Upstream, Wire, eventually, test_guest};
use serde_json::{Value, json};

use super::{NOT_WATCHED, Stage, bad, good, hooks, text};
use crate::on_every_wire;

/// A stage whose plugin's file can be replaced.
async fn deployed(entry: &str) -> (Stage, Deployed) {
    let upstream = Upstream::start().await;
    let file = Deployed::new("probe", test_guest("probe"));
    let toml = format!("{entry}\n{}", upstream.grant(""));
    let server = Builder::default().config(NOT_WATCHED).plugin_with(file.path(), &toml).start().await;
    (Stage::of(server, upstream).await, file)
}

async fn trap(stage: &Stage) {
    let command = json!({"op": "trap"}).to_string();
    assert_eq!(stage.server.send_message(&stage.ada.id(), &command).await.status, 503);
}

on_every_wire! {
    /// The upstream notices nothing, and not a token is lost or told twice.
    async fn response_continues_in_the_new_version(wire) {
        let (mut stage, file) = deployed("").await;
        let mut bob = stage.server.connect(wire, "/sse").await;
        let id = bob.id();
        let token = json!({"relay": id}).to_string();
        let (fetch, mut asked) = stage.fetch(stage.get(&token)).await;
        let (_, mut early) = stage.fetch(stage.get("early")).await;
        asked.start_response(200, &[]).await;
        for round in 0..5 {
            for number in 0..20 {
                asked.write_chunk(format!("{round}.{number}")).await;
                assert_eq!(bob.event_of("chunk").await.data, format!("{round}.{number}"));
            }
            // One more comes while it is replaced.
            asked.write_chunk(format!("{round}.last")).await;
            if round % 2 == 0 {
                file.replace_with_version(test_guest("probe"), &round.to_string());
            }
            stage.server.reload("probe").await;
            assert_eq!(bob.event_of("chunk").await.data, format!("{round}.last"));
        }
        asked.finish_response().await;
        assert_eq!(bob.event_of("end").await.data, good().to_string());
        let calls = stage.whole(&token).await;
        assert_eq!(hooks(&calls).iter().filter(|hook| **hook == "on-response").count(), 1);
        assert_eq!(calls.len(), 1 + 5 * 21 + 1);
        early.start_response(200, &[]).await;
        early.write_chunk("later").await;
        early.finish_response().await;
        assert_eq!(text(&stage.whole("early").await), "later", "also one that had no answer yet");
        assert_eq!((stage.upstream.connections(), stage.under_way().await), (2, 0.0));
        let (next, _) = stage.fetch(stage.get("next")).await;
        assert!(next > fetch, "ids are never used twice");
    }
}

#[tokio::test]
async fn new_version_can_cancel_fetches_of_the_previous_one() {
    let (mut stage, file) = deployed("").await;
    let (fetch, mut asked) = stage.fetch(stage.get("a")).await;
    file.replace_with_version(test_guest("probe"), "2");
    stage.server.reload("probe").await;
    assert_eq!(stage.ok(json!({"op": "fetch-cancel", "fetch": fetch})).await, json!(true));
    asked.wait_for_close().await;
    assert_eq!(stage.calls("a").await, Vec::<Value>::new());
}

#[tokio::test]
async fn version_without_the_hooks_cancels_fetches() {
    let (mut stage, file) = deployed("").await;
    let (_, mut asked) = stage.fetch(stage.get("a")).await;
    file.replace(std::fs::read(roomcast_tests::plugin("lobby")).expect("a component"));
    assert_eq!(stage.server.plugin_call("probe", "reload?fresh=true").await.status, 200);
    asked.wait_for_close().await;
    stage.has_under_way(0.0).await;
}

#[tokio::test]
async fn failed_reload_leaves_fetches_running() {
    let (mut stage, file) = deployed("").await;
    let (_, mut asked) = stage.fetch(stage.get("a")).await;
    asked.start_response(200, &[]).await;
    file.replace(b"nonsense");
    assert_ne!(stage.server.plugin_call("probe", "reload").await.status, 200);
    asked.write_chunk("on it goes").await;
    asked.finish_response().await;
    assert_eq!(text(&stage.whole("a").await), "on it goes");
}

/// What the new instance has started by itself does not get into the way of what goes on.
#[tokio::test]
async fn fetches_started_by_the_new_init_are_kept() {
    let upstream = Upstream::start().await;
    let init = json!({"op": "fetch-start", "url": upstream.url("/init"), "token": "own"}).to_string();
    let toml = format!("config.init_command = '{init}'\n{}", upstream.grant(""));
    let server = Builder::default().config(NOT_WATCHED).plugin_with(test_guest("probe"), &toml).start().await;
    let mut stage = Stage::of(server, upstream).await;
    let mut first = stage.upstream.next_request().await;
    let (_, mut asked) = stage.fetch(stage.get("a")).await;
    asked.start_response(200, &[]).await;
    stage.server.reload("probe").await;
    let mut second = stage.upstream.next_request().await;
    for (own, text) in [(&mut first, "first "), (&mut second, "second ")] {
        own.start_response(200, &[]).await;
        own.write_chunk(text).await;
        eventually("it", || async { super::text(&stage.calls("own").await).ends_with(text).then_some(()) }).await;
    }
    asked.write_chunk("going on").await;
    asked.finish_response().await;
    assert_eq!(text(&stage.whole("a").await), "going on");
    assert_eq!(stage.under_way().await, 2.0);
}

#[tokio::test]
async fn changed_grant_applies_to_running_fetches() {
    let upstream = Upstream::start().await;
    let entry = format!("[[plugins]]\npath = '{}'\n", test_guest("probe").display());
    let server = Builder::default().config(&format!("{entry}{}", upstream.grant(""))).start().await;
    let mut stage = Stage::of(server, upstream).await;
    let (_, mut asked) = stage.fetch(stage.get("a")).await;
    let config = format!("{entry}[plugins.capabilities.http]\nallow = ['elsewhere.example']\n");
    std::fs::write(stage.server.dir().join("roomcast.toml"), config).expect("written");
    stage.server.signal("HUP");
    asked.wait_for_close().await;
    assert_eq!(stage.outcome("a").await["error"]["kind"], "denied");
    stage.has_under_way(0.0).await;
}

#[tokio::test]
async fn recycled_instance_continues_its_fetches() {
    let (mut stage, _file) = deployed("recycle.calls = 10").await;
    let (_, mut asked) = stage.fetch(stage.get("a")).await;
    asked.start_response(200, &[]).await;
    let mut whole = String::new();
    for number in 0..50 {
        asked.write_chunk(format!("{number} ")).await;
        whole += &format!("{number} ");
        stage.brings("a", &whole).await;
    }
    asked.finish_response().await;
    assert_eq!(text(&stage.whole("a").await), whole);
    assert!(stage.server.status("probe").await["recycles"].as_u64() > Some(0));
}

#[tokio::test]
async fn checkpoint_after_a_trap_continues_its_fetches() {
    let (mut stage, _file) = deployed("checkpoint = '50ms'").await;
    let (_, mut asked) = stage.fetch(stage.get("a")).await;
    asked.start_response(200, &[]).await;
    asked.write_chunk("before ").await;
    stage.brings("a", "before ").await;
    let saved = stage.server.status("probe").await["checkpoints"].as_u64();
    stage.server.wait_for_status("probe", "a checkpoint", |status| status["checkpoints"].as_u64() > saved).await;
    trap(&stage).await;
    asked.write_chunk("after").await;
    asked.finish_response().await;
    assert_eq!(text(&stage.whole("a").await), "before after");
    assert_eq!(stage.server.status("probe").await["restarts"], 1);
}

#[tokio::test]
async fn instance_without_state_after_a_trap_has_fetches_cancelled() {
    let (mut stage, _file) = deployed("").await;
    let (_, mut silent) = stage.fetch(stage.get("silent")).await;
    let (_, mut talking) = stage.fetch(stage.get("talking")).await;
    talking.start_response(200, &[]).await;
    talking.write_chunk("before").await;
    stage.brings("talking", "before").await;
    trap(&stage).await;
    silent.wait_for_close().await;
    talking.wait_for_close().await;
    for token in ["silent", "talking"] {
        assert_eq!(stage.whole(token).await, [json!({"hook": "on-end", "outcome": bad("interrupted")})]);
    }
    stage.has_under_way(0.0).await;
    assert_eq!(stage.ended_with("cancelled").await, 2.0);
    let (_, mut asked) = stage.fetch(stage.get("next")).await;
    asked.start_response(200, &[]).await;
    asked.finish_response().await;
    assert_eq!(stage.outcome("next").await, good());
}

#[tokio::test]
async fn rejected_state_cancels_fetches() {
    let (mut stage, _file) = deployed("checkpoint = '50ms'\nconfig.restore_error = 'not today'").await;
    let (_, mut asked) = stage.fetch(stage.get("a")).await;
    let saved = stage.server.status("probe").await["checkpoints"].as_u64();
    stage.server.wait_for_status("probe", "a checkpoint", |status| status["checkpoints"].as_u64() > saved).await;
    trap(&stage).await;
    asked.wait_for_close().await;
    assert_eq!(stage.outcome("a").await, bad("interrupted"));
}

/// The hook itself traps: that piece is gone, and the next one is brought all the same.
#[tokio::test]
async fn trap_in_on_chunk_with_a_checkpoint_continues_the_fetch() {
    for hook in ["on-response", "on-chunk", "on-end"] {
        let mut upstream = Upstream::start().await;
        let toml = format!("checkpoint = '50ms'\n{}", upstream.grant(""));
        let server: Server = Builder::default().plugin_with(test_guest("rogue"), &toml).start().await;
        let ada = server.connect(Wire::Http11, "/sse").await;
        let token = format!("{hook}=trap");
        let action = json!({"action": "fetch", "url": upstream.url("/"), "token": token}).to_string();
        assert_eq!(server.send_message(&ada.id(), &action).await.status, 200);
        let mut asked = upstream.next_request().await;
        server.wait_for_status("rogue", "a checkpoint", |status| status["checkpoints"].as_u64() >= Some(1)).await;
        let traps = async || server.status("rogue").await["traps"].as_u64();
        let is_up = || {
            eventually("an answer", || async {
                (server.send_message(&ada.id(), "{\"action\":\"ok\"}").await.status == 200).then_some(())
            })
        };
        asked.start_response(200, &[]).await;
        asked.write_chunk("one").await;
        if hook != "on-end" {
            eventually("a trap", || async { (traps().await >= Some(1)).then_some(()) }).await;
            is_up().await;
        }
        asked.write_chunk("two").await;
        asked.finish_response().await;
        eventually("its end", || async {
            (server.metric("roomcast_plugin_calls_total", "hook=\"on-end\"").await == 1.0).then_some(())
        })
        .await;
        is_up().await;
        assert_eq!(server.metric("roomcast_plugin_fetches", "").await, 0.0, "{hook}");
        assert!(traps().await >= Some(1), "{hook}");
    }
}
