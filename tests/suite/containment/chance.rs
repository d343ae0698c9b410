//! Traps at random, for hundreds of calls, while others publish.

use std::cell::Cell;

use roomcast_tests::{Answer, Server, Wire, eventually, test_guest};
use serde_json::json;

use super::stage::{Stage, message_bad};

/// Chance that is the same each time (Numerical Recipes, "ranqd1").
struct Chance(u32);

impl Chance {
    fn of(&mut self, number: usize) -> usize {
        self.0 = self.0.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (self.0 >> 16) as usize % number
    }
}

const ACTIONS: [&str; 8] = ["ok", "ok", "ok", "trap", "ok", "unreachable", "exit", "overflow"];

/// How a call may end: as it should, or turned away.
fn is_as_documented(answer: &Answer, well: u16) {
    if answer.status != well {
        assert_eq!(answer.status, 503, "{}", answer.text());
        assert!(answer.header("retry-after").parse::<u32>().is_ok(), "{}", answer.text());
        let text = answer.text();
        assert!(text.contains("plugin `bad` has failed") || text.contains("plugin `bad` is being started"), "{text}");
    }
}

/// Have the bad plugin called in one of five hooks.
async fn call(server: &Server, id: &str, action: &str, hook: usize) {
    match hook {
        0 => {
            let stream = server.try_connect(Wire::Http11, &format!("/sse?action={action}")).await;
            stream.map_or_else(|answer| is_as_documented(&answer, 200), drop);
        }
        1 => is_as_documented(&message_bad(server, Some(id), &json!({"action": action})).await, 200),
        2 => {
            let room = format!("/v1/connections/{id}/rooms/{action}%2F1");
            is_as_documented(&server.api_call("PUT", &room, "").await, 204);
            assert_eq!(server.api_call("DELETE", &room, "").await.status, 204);
        }
        3 => {
            let path = format!("/v1/rooms/{action}/events");
            is_as_documented(&server.api_call("POST", &path, "{\"data\":\"x\"}").await, 200);
        }
        _ => {
            let timer = json!({"action": "timer", "token": action, "delay_ms": 1});
            is_as_documented(&message_bad(server, None, &timer).await, 200);
        }
    }
}

#[tokio::test]
#[ignore = "slow: cargo xtask test --all"]
async fn random_traps_fail_only_their_own_calls() {
    for seed in [1, 2, 3] {
        let mut stage = Stage::new(test_guest("rogue"), "").await;
        let mut victim = stage.server.connect(Wire::Http11, "/sse?to=good&join=chosen").await;
        let (id, done) = (victim.id(), Cell::new(false));
        let mut chance = Chance(seed);
        stage
            .while_observed(async |server| {
                let calls = async {
                    for _ in 0..120 {
                        call(server, &id, ACTIONS[chance.of(ACTIONS.len())], chance.of(5)).await;
                    }
                    done.set(true);
                };
                // Somebody outside publishes, too: each event is taken and comes, or is turned away and does not.
                let publications = async {
                    let (mut number, mut taken) = (0, 0);
                    while !done.get() || taken == 0 {
                        number += 1;
                        let body = json!({"data": number.to_string(), "event": "published"}).to_string();
                        let answer = server.api_call("POST", "/v1/rooms/chosen/events", body).await;
                        is_as_documented(&answer, 200);
                        if answer.status == 200 {
                            taken += 1;
                            assert_eq!(victim.event_of("published").await.data, number.to_string());
                        }
                    }
                };
                tokio::join!(calls, publications);
            })
            .await;

        let bad = stage.server.wait_for_status("bad", "an instance", |status| status["state"] == "running").await;
        let (traps, restarts) = (bad["traps"].as_u64().expect("a number"), bad["restarts"].as_u64());
        assert!(traps >= 20, "{bad}");
        assert!(restarts <= Some(traps) && restarts > Some(0), "{bad}");
        // Who has left may still be told, and that may trap, too.
        eventually("the metric says the same", || async {
            let counted = stage.metric("traps_total").await;
            let status = stage.server.status("bad").await;
            (status["traps"].as_f64() == Some(counted)).then_some(())
        })
        .await;
        drop(victim);
        stage.server.wait_for_connections(1).await;
        // Whoever was let in by the good plugin has left it, once.
        let (came, left) = eventually("all departures", || async {
            let came = stage.server.calls_of("on-connect").await.len();
            let left = stage.server.calls_of("on-disconnect").await.len();
            (left + 1 == came).then_some((came, left))
        })
        .await;
        assert!(came > 10, "{came} {left}");
        stage.assert_others_unaffected().await;
    }
}
