//! Each step fails, for each way to ask for a reload. With SIGHUP another plugin would be replaced at the same time, and must
//! not be.

use roomcast_tests::{
    Answer, Behaviour, Builder, Deployed, EventStream, GeneratedPlugin, Server, Wire, eventually, test_guest,
};
use serde_json::json;

use super::{GOOD, another_good_one, never_compiled};

/// Who asks for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Trigger {
    Api,
    File,
    Hangup,
}

/// What lies in the file afterwards.
enum Next {
    Nothing,
    Bytes(Vec<u8>),
    /// What takes long to compile; the process that does so is killed.
    Compiling,
}

struct Fault {
    name: &'static str,
    serving: GeneratedPlugin,
    next: Next,
    says: &'static str,
}

/// Two plugins, `first` and `second`, of which the second is the one with the fault.
struct Scene {
    server: Server,
    second: Deployed,
    ada: EventStream,
    trigger: Trigger,
}

const LIMITS: &str = "limits.start_deadline = '300ms'\nlimits.state_deadline = '300ms'";

impl Scene {
    async fn new(trigger: Trigger, serving: GeneratedPlugin) -> Self {
        let second = Deployed::new("second", test_guest("rogue"));
        second.replace(serving.component());
        let server = Builder::default().config(&Self::config(trigger, &second, "red")).start().await;
        let ada = server.connect(Wire::Http11, "/sse?join=tea").await;
        Self { server, second, ada, trigger }
    }

    fn config(trigger: Trigger, second: &Deployed, colour: &str) -> String {
        let watch = trigger == Trigger::File;
        let (first, second) = (test_guest("probe"), second.path());
        format!(
            "[reload]\nwatch = {watch}\ndebounce = '50ms'\n[[plugins]]\nname = 'first'\npath = '{}'\n\
             config.colour = '{colour}'\n[[plugins]]\nname = 'second'\npath = '{}'\n{LIMITS}\n",
            first.display(),
            second.display()
        )
    }

    /// Have the second plugin reloaded, and the first one with it if all are; wait until that has come to an end, which is
    /// this one.
    async fn reload(&self, outcome: &str, colour: &str) -> Option<Answer> {
        match self.trigger {
            Trigger::Api => Some(self.server.plugin_call("second", "reload").await),
            Trigger::File => {
                self.server
                    .wait_for_status("second", outcome, |second| second["last_reload"]["outcome"] == outcome)
                    .await;
                None
            }
            Trigger::Hangup => {
                let config = Self::config(self.trigger, &self.second, colour);
                std::fs::write(self.server.dir().join("roomcast.toml"), config).expect("written");
                self.server.signal("HUP");
                let says = if outcome == "failed" {
                    "reload failed, keeping the current configuration"
                } else {
                    "configuration reloaded"
                };
                self.server.wait_for_log(says).await;
                None
            }
        }
    }

    async fn colour(&self) -> serde_json::Value {
        self.server.probe(&self.ada, json!({"op": "config-get", "key": "colour"})).await.expect("a setting")
    }

    /// All is as it was: each plugin answers, and the stream goes on.
    async fn goes_on(&mut self) {
        let room = format!("/v1/connections/{}/rooms/second-is-asked", self.ada.id());
        let answer = self.server.api_call("PUT", &room, "").await;
        assert_eq!(answer.status, 204, "{}", answer.text());
        assert_eq!(self.server.calls_of("on-connect").await.len(), 1, "the first plugin knows what it knew");
        assert_eq!(self.server.status("first").await["restarts"], 0);
        assert_eq!(self.server.publish("tea", "fine").await, 1);
        assert_eq!(self.ada.event_of("message").await.data, "fine");
    }
}

async fn failed_reloads(server: &Server) -> usize {
    let metrics = server.api_call("GET", "/metrics", "").await;
    let is_it = |line: &&str| line.contains("plugin=\"second\"") && line.contains("outcome=\"failed\"");
    let line = metrics.text().lines().filter(|line| line.starts_with("roomcast_plugin_reloads_total")).find(is_it);
    line.map_or(0, |line| line.rsplit(' ').next().and_then(|value| value.parse().ok()).expect("a number"))
}

async fn leaves_everything_as_it_was(trigger: Trigger, fault: &Fault) {
    let mut scene = Scene::new(trigger, fault.serving).await;
    let before = scene.server.status("second").await;
    match &fault.next {
        Next::Nothing => std::fs::remove_file(scene.second.path()).expect("removed"),
        Next::Bytes(bytes) => scene.second.replace(bytes),
        Next::Compiling => scene.second.replace(never_compiled()),
    }
    let interference = async {
        if let Next::Compiling = fault.next {
            scene.server.wait_for_compiler().await.kill();
        }
    };
    let (answer, ()) = tokio::join!(scene.reload("failed", "blue"), interference);

    if let Some(answer) = answer {
        assert_eq!(answer.status, 422, "{}", answer.text());
        assert!(answer.text().contains(fault.says) && answer.text().contains("keeps serving"), "{}", answer.text());
    }
    let second = scene.server.wait_for_status("second", "running", |second| second["state"] == "running").await;
    assert_eq!((&second["generation"], &second["hash"]), (&json!(1), &before["hash"]), "{second}");
    assert_eq!(second["last_reload"]["outcome"], "failed", "{second}");
    for text in [&second["last_reload"]["reason"], &second["last_error"]] {
        assert!(text.as_str().is_some_and(|text| text.contains(fault.says)), "{}: {second}", fault.says);
    }
    assert_eq!(failed_reloads(&scene.server).await, 1);
    scene.server.wait_for_log(fault.says).await;
    assert_eq!(scene.server.status("first").await["generation"], 1, "it was not replaced alone");
    assert_eq!(scene.colour().await, "red");
    scene.goes_on().await;

    // A `save` that fails would do so again.
    let trigger = if fault.serving.save == Behaviour::Normal { trigger } else { Trigger::Api };
    scene.second.replace(another_good_one());
    if fault.serving.save != Behaviour::Normal {
        assert_eq!(scene.server.plugin_call("second", "reload?fresh=true").await.status, 200);
    } else if let Some(answer) = scene.reload("reloaded", "blue").await {
        assert_eq!(answer.status, 200, "{}", answer.text());
        assert_eq!(answer.json()["state"], "its state was handed over, 4 bytes");
    }
    let second =
        scene.server.wait_for_status("second", "the new version", |second| second["hash"] != before["hash"]).await;
    assert_eq!(second["last_reload"]["outcome"], "reloaded", "{second}");
    if trigger == Trigger::Hangup {
        assert_eq!(scene.colour().await, "blue");
    }
    scene.goes_on().await;
}

fn faults() -> Vec<Fault> {
    let wrong_hook = r#"(component
        (core module $m (func (export "f")))
        (core instance $i (instantiate $m))
        (func $f (canon lift (core func $i "f")))
        (instance $timer (export "on-timer" (func $f)))
        (export "roomcast:plugin/timer@0.1.0" (instance $timer)))"#;
    let missing_import = r#"(component (import "wasi:sql/query@0.1.0" (instance)))"#;
    let text = |text: &str| Next::Bytes(wat::parse_str(text).expect("valid text"));
    let half = || Next::Bytes(std::fs::read(test_guest("probe")).expect("built")[..100_000].to_vec());
    let new = |assembly: GeneratedPlugin| Next::Bytes(assembly.component());
    let fault = |name, next, says| Fault { name, serving: GOOD, next, says };
    let serving = |name, save, says| Fault {
        name,
        serving: GeneratedPlugin { save, ..GOOD },
        next: Next::Bytes(another_good_one()),
        says,
    };
    vec![
        fault("the file has vanished", Next::Nothing, "cannot be read"),
        fault("the file is half written", half(), "damaged or incomplete"),
        fault("the file is nonsense", Next::Bytes(b"nonsense".to_vec()), "not a WebAssembly file"),
        fault("a hook has another type", text(wrong_hook), "`on-timer` should be"),
        fault("an import is missing", text(missing_import), "wasi:sql/query"),
        fault("the compiler is killed", Next::Compiling, "has ended without an answer (signal: 9"),
        fault("init traps", new(GeneratedPlugin { init: Behaviour::Trap, ..GOOD }), "it does not start"),
        fault("init does not end", new(GeneratedPlugin { init: Behaviour::Loop, ..GOOD }), "it does not start"),
        fault("init refuses", new(GeneratedPlugin { init: Behaviour::Fail, ..GOOD }), "its `init` refuses: not today"),
        serving("save refuses", Behaviour::Fail, "its `save` fails: not today"),
        serving("save traps", Behaviour::Trap, "its `save` fails"),
        serving("save does not end", Behaviour::Loop, "its `save` fails"),
        fault("restore traps", new(GeneratedPlugin { restore: Behaviour::Trap, ..GOOD }), "its `restore` fails"),
        fault("restore does not end", new(GeneratedPlugin { restore: Behaviour::Loop, ..GOOD }), "its `restore` fails"),
        fault("restore refuses", new(GeneratedPlugin { restore: Behaviour::Fail, ..GOOD }), "not today"),
    ]
}

#[tokio::test]
async fn failure_at_any_step_of_an_api_reload_keeps_the_previous_version() {
    for fault in faults() {
        println!("{}", fault.name);
        leaves_everything_as_it_was(Trigger::Api, &fault).await;
    }
}

#[tokio::test]
async fn failure_at_any_step_of_a_file_change_keeps_the_previous_version() {
    // A file that is not there is waited for, and nothing fails.
    for fault in faults().into_iter().filter(|fault| !matches!(fault.next, Next::Nothing)) {
        println!("{}", fault.name);
        leaves_everything_as_it_was(Trigger::File, &fault).await;
    }
}

#[tokio::test]
async fn failure_at_any_step_of_a_sighup_keeps_the_previous_version() {
    for fault in faults() {
        println!("{}", fault.name);
        leaves_everything_as_it_was(Trigger::Hangup, &fault).await;
    }
}

/// Those that are ready first wait for the others, and go on as they were when one is not.
#[tokio::test]
async fn calls_queued_behind_a_failed_swap_are_answered_by_the_previous_version() {
    let scene = Scene::new(Trigger::Hangup, GeneratedPlugin { save: Behaviour::Loop, ..GOOD }).await;
    scene.second.replace(another_good_one());
    let reload = scene.reload("failed", "blue");
    let clients = async {
        let mut streams = Vec::new();
        for _ in 0..40 {
            streams.push(scene.server.connect(Wire::Http11, "/sse").await);
        }
        streams
    };
    let (_, streams) = tokio::join!(reload, clients);
    assert_eq!(scene.server.connections().await, 41);
    assert_eq!(scene.colour().await, "red");
    drop(streams);
    eventually("all departures", || async { (scene.server.calls_of("on-disconnect").await.len() == 40).then_some(()) })
        .await;
}
