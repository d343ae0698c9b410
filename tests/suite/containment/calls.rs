//! Each way to fail, in each hook of a call.

use roomcast_tests::{Answer, EventStream, Server, Wire, test_guest};
use serde_json::json;

use super::stage::{Stage, assert_rejected, message_bad};

const LIMITS: &str = "limits.deadline = '300ms'\nlimits.memory = '16MiB'";

/// What the bad plugin does, and what is said of it.
struct Fault {
    name: &'static str,
    /// Which of the two counts.
    counted: &'static str,
    says: &'static str,
}

const fn trap(name: &'static str, says: &'static str) -> Fault {
    Fault { name, counted: "traps", says }
}

const fn endless(name: &'static str) -> Fault {
    Fault { name, counted: "timeouts", says: "it took longer than 300ms" }
}

const FAULTS: [Fault; 9] = [
    trap("trap", "unreachable"),
    trap("unreachable", "unreachable"),
    trap("exit", "it ended by itself (exit status 1)"),
    trap("recurse", "call stack exhausted"),
    trap("overflow", "out of bounds memory access"),
    trap("eat", "`limits.memory` = 16MiB"),
    endless("loop"),
    endless("host-loop"),
    endless("sleep"),
];

/// In which call.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Hook {
    Connect,
    Disconnect,
    Join,
    Leave,
    Publish,
    Message,
    Timer,
}

impl Hook {
    fn name(self) -> &'static str {
        match self {
            Self::Connect => "on-connect",
            Self::Disconnect => "on-disconnect",
            Self::Join => "on-join",
            Self::Leave => "on-leave",
            Self::Publish => "on-publish",
            Self::Message => "on-message",
            Self::Timer => "on-timer",
        }
    }
}

/// A connection that the fault has to do with.
struct Victim {
    id: String,
    /// None: it is on its way out.
    stream: Option<EventStream>,
}

/// Cause the fault; the response, when the hook's caller waits for one.
async fn provoke(server: &Server, hook: Hook, action: &str, victim: &mut Victim) -> Option<Answer> {
    let room = format!("/v1/connections/{}/rooms/{action}%2F1", victim.id);
    match hook {
        Hook::Connect => Some(server.request(Wire::Http11, "GET", &format!("/sse?action={action}"), &[]).await),
        Hook::Disconnect => {
            victim.stream = None;
            None
        }
        Hook::Join => Some(server.api_call("PUT", &room, "").await),
        Hook::Leave => {
            let answer = server.api_call("DELETE", &room, "").await;
            assert_eq!(answer.status, 204, "the hook's outcome is not waited for");
            None
        }
        Hook::Publish => Some(server.api_call("POST", &format!("/v1/rooms/{action}/events"), "{\"data\":\"x\"}").await),
        Hook::Message => Some(message_bad(server, Some(&victim.id), &json!({"action": action})).await),
        Hook::Timer => {
            let timer = json!({"action": "timer", "token": action, "delay_ms": 1});
            assert_eq!(message_bad(server, Some(&victim.id), &timer).await.text(), "\"ok\"");
            None
        }
    }
}

async fn assert_contained(hook: Hook, fault: &Fault) {
    let mut stage = Stage::new(test_guest("rogue"), LIMITS).await;
    let path = if hook == Hook::Disconnect { format!("/sse?tag={}", fault.name) } else { "/sse".into() };
    let stream = stage.server.connect(Wire::Http2, &path).await;
    let mut victim = Victim { id: stream.id(), stream: Some(stream) };
    if hook == Hook::Leave {
        // By a plugin, of which no hook hears.
        let join = json!({"to": "good", "op": "join", "room": format!("{}/1", fault.name)});
        assert_eq!(stage.server.send_message(&victim.id, &join.to_string()).await.json(), json!({"ok": null}));
    }

    let answer = stage
        .while_observed(async |server| {
            let answer = provoke(server, hook, fault.name, &mut victim).await;
            server.wait_for_status("bad", "a new instance", |status| status["restarts"] == 1).await;
            answer
        })
        .await;

    // The connection.
    if let Some(answer) = &answer {
        assert_rejected(answer, "has failed");
    }
    if let Some(stream) = &mut victim.stream {
        stage.server.publish_event("__all", &json!({"event": "to-all", "data": "still here"})).await;
        assert_eq!(stream.event_of("to-all").await.data, "still here");
        assert_eq!(message_bad(&stage.server, Some(&victim.id), &json!({"action": "ok"})).await.status, 200);
    }
    stage.server.wait_for_connections(1 + u64::from(victim.stream.is_some())).await;
    if hook == Hook::Connect {
        let gone = stage.server.calls_of("on-disconnect").await;
        assert_eq!(gone.len(), 1, "the good plugin had accepted it");
        assert_eq!(gone[0]["reason"], "rejected");
    }

    // The operator.
    let status = stage.server.status("bad").await;
    let other = if fault.counted == "traps" { "timeouts" } else { "traps" };
    assert_eq!((&status[fault.counted], &status[other]), (&json!(1), &json!(0)), "{status}");
    assert_eq!((&status["state"], &status["restarts"]), (&json!("running"), &json!(1)), "{status}");
    assert!(status["last_error"].as_str().is_some_and(|why| why.contains(fault.says)), "{status}");
    assert_eq!(stage.metric(&format!("{}_total", fault.counted)).await, 1.0);
    assert_eq!(stage.metric("restarts_total").await, 1.0);
    assert_eq!(stage.limit("limits.memory").await, if fault.name == "eat" { 1.0 } else { 0.0 });
    let lines = stage.wait_for_logged_failures(1).await;
    assert_eq!(lines.len(), 1, "{lines:#?}");
    for part in ["plugin=\"bad\"", "generation=1", &format!("hook=\"{}\"", hook.name()), fault.says] {
        assert!(lines[0].contains(part), "{part} in {}", lines[0]);
    }
    let about = match hook {
        Hook::Connect => "connection=".to_owned(),
        Hook::Publish | Hook::Timer => String::new(),
        _ => format!("connection={}", victim.id),
    };
    assert!(lines[0].contains(&about) && lines[0].contains("connection=") != about.is_empty(), "{}", lines[0]);

    // The others.
    stage.assert_others_unaffected().await;
}

#[expect(clippy::print_stdout, reason = "it is shown when the test fails, and names the fault")]
async fn every_fault_in(hook: Hook) {
    for fault in &FAULTS {
        println!("{} in {}", fault.name, hook.name());
        assert_contained(hook, fault).await;
    }
}

#[tokio::test]
async fn faults_in_on_connect_are_contained() {
    every_fault_in(Hook::Connect).await;
}

#[tokio::test]
async fn faults_in_on_disconnect_are_contained() {
    every_fault_in(Hook::Disconnect).await;
}

#[tokio::test]
async fn faults_in_on_join_are_contained() {
    every_fault_in(Hook::Join).await;
}

#[tokio::test]
async fn faults_in_on_leave_are_contained() {
    every_fault_in(Hook::Leave).await;
}

#[tokio::test]
async fn faults_in_on_publish_are_contained() {
    every_fault_in(Hook::Publish).await;
}

#[tokio::test]
async fn faults_in_on_message_are_contained() {
    every_fault_in(Hook::Message).await;
}

#[tokio::test]
async fn faults_in_on_timer_are_contained() {
    every_fault_in(Hook::Timer).await;
}
