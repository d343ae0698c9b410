//! `roomcast test`: scenarios, played by the real binary with real components.

mod data;
mod formats;
mod upstreams;

use std::path::{Path, PathBuf};
use std::process::Command;

use roomcast_tests::{binary, plugin, test_guest, without_settings};

struct Said {
    out: String,
    err: String,
    success: bool,
}

impl Said {
    fn has(&self, words: &[&str]) {
        for word in words {
            assert!(self.out.contains(word), "{word:?}\n{}\n{}", self.out, self.err);
        }
    }

    fn passes(&self) {
        assert!(self.success, "{}\n{}", self.out, self.err);
    }

    /// The scenarios fail, and this is printed.
    fn fails(&self, words: &[&str]) {
        assert!(!self.success, "{}", self.out);
        assert!(!self.err.contains("panicked"), "{}", self.err);
        self.has(words);
    }

    /// Nothing is played, and this is why.
    fn refuses(&self, words: &[&str]) {
        assert!(!self.success && !self.out.contains("ok  "), "{}", self.out);
        for word in words {
            assert!(self.err.contains(word), "{word:?} in {}", self.err);
        }
    }
}

/// A plugin's folder.
struct Folder(tempfile::TempDir);

impl Folder {
    fn of(component: &Path, toml: &str) -> Self {
        let folder = Self(tempfile::tempdir().expect("a folder"));
        let config = format!("[[plugins]]\nname = 'it'\npath = '{}'\n{toml}", component.display());
        std::fs::write(folder.path("roomcast.toml"), config).expect("written");
        std::fs::create_dir(folder.path("scenarios")).expect("a folder");
        folder
    }

    fn probe() -> Self {
        Self::of(&test_guest("probe"), "")
    }

    fn rogue() -> Self {
        Self::of(&test_guest("rogue"), "")
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn with(self, name: &str, text: &str) -> Self {
        std::fs::write(self.path("scenarios").join(name), text).expect("written");
        self
    }

    fn play(self, text: &str) -> Said {
        let folder = self.with("it.scenario", text);
        folder.test(&[])
    }

    /// `roomcast test` in this folder.
    fn test(&self, args: &[&str]) -> Said {
        run(self.0.path(), &[&["."], args].concat())
    }
}

fn run(folder: &Path, args: &[&str]) -> Said {
    let mut command = Command::new(binary());
    without_settings(&mut command);
    let output = command.arg("test").args(args).current_dir(folder).output().expect("the binary runs");
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("UTF-8");
    Said { out: text(&output.stdout), err: text(&output.stderr), success: output.status.success() }
}

fn lobby_scenarios() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../plugins/lobby/scenarios")
}

/// What every lobby has to pass, whatever it is written in.
#[test]
fn lobby_passes_its_scenarios() {
    let (lobby, scenarios) = (plugin("lobby"), lobby_scenarios());
    let args = [lobby.to_str().expect("UTF-8"), "--scenarios", scenarios.to_str().expect("UTF-8")];
    let said = run(Path::new("."), &args);
    said.passes();
    said.has(&["moving tells both rooms", "scenarios: passed"]);
    assert!(!said.out.contains("FAILED") && !said.out.contains('\u{1b}'), "{}", said.out);
}

/// The first example of the documentation passes, and when it fails it looks as it is shown there.
#[test]
fn documented_scenarios_pass() {
    let text = include_str!("../../docs/plugins/testing.md");
    let block = |number: usize| text.split("```").nth(2 * number + 1).expect("a block").trim_start();
    let (example, failing) = (block(0), block(2));
    let lobby = plugin("lobby");
    let passed = Folder::of(&lobby, "").with("hello.scenario", example).test(&[]);
    passed.passes();
    assert!(block(1).ends_with(&passed.out), "{}", passed.out);
    let wrong = example.replacen("\"count\": 1", "\"count\": 2", 1);
    let failed = Folder::of(&lobby, "").with("hello.scenario", &wrong).test(&["greeted"]);
    // There it is the plugin that is wrong.
    let shown = failing.replacen("\"count\": 1", "\"count\": 2", 1);
    let swapped = shown.replace("-   \"count\": 1", "-   \"count\": 2").replace("+   \"count\": 2", "+   \"count\": 1");
    failed.fails(&swapped.trim().lines().map(str::trim_end).collect::<Vec<_>>());
}

#[test]
fn output_is_deterministic() {
    let folder = Folder::probe().with(
        "it.scenario",
        "ada connects\nada sends {\"op\": \"random\", \"bytes\": 8}\nada is answered 200 _ as one\n\
         ada sends {\"op\": \"now\"}\nada is answered 200 {\"ok\": {\"wall_ms\": 1767225600000, ...}}\n\
         advance 1h\nada sends {\"op\": \"now\"}\nada is answered 200 {\"ok\": {\"wall_ms\": 1767229200000, \"monotonic_ns\": 3600000000000}}",
    );
    let first = folder.test(&["-v"]);
    first.passes();
    assert_eq!(first.out, folder.test(&["-v"]).out);
    first.has(&["00010001-0001-4001-8001-000100010001", "0s  ada connects"].map(|_| "ada connects"));
}

#[test]
fn timers_fire_exactly_when_due() {
    let every = r#"{"op": "set-timer", "delay_ms": 100, "repetition": "every", "token": "{\"op\": \"broadcast\", \"room\": \"__all\", \"event\": {\"data\": \"tick\", \"event\": \"tick\"}}"}"#;
    let text = format!(
        "ada connects\nada sends {every}\nadvance 99ms\nada gets nothing\nadvance 1ms\nada gets tick \"tick\"\n\
         advance 1s\nada gets tick\nada gets tick\nada gets tick\nada gets tick\nada gets tick\nada gets tick\n\
         ada gets tick\nada gets tick\nada gets tick\nada gets tick\nada gets nothing\n\
         ada sends {{\"op\": \"sleep\"}}\nada is answered 400"
    );
    Folder::probe().play(&text).passes();
}

#[test]
fn events_are_matched_with_all_fields() {
    Folder::probe()
        .play(
            "ada connects /sse?send=hello&comment=psst&tag=red&join=tea\n\
             ada gets \"hello\"\nada gets comment \"psst\"\nada has tag \"red\"\nada is in tea\nroom tea has ada\n\
             ada sends {\"op\": \"send-event\", \"event\": {\"data\": \"a\\nb\", \"event\": \"x y\", \"id\": \"7\", \"retry_ms\": 1500}}\n\
             ada gets event \"x y\" \"a\\nb\" id \"7\" retry 1500ms\n\
             ada sends {\"op\": \"set-tag\", \"tag\": null}\nada has no tag\n\
             ada sends {\"op\": \"close\"}\nada is closed plugin-closed\n\
             bob connects\n\
             bob sends {\"op\": \"log\", \"level\": \"warn\", \"message\": \"watch out\"}\n\
             plugin logs warn \"watch out\"\nplugin logs like \"watch*\"\nbob is open",
        )
        .passes();
}

#[test]
fn request_fields_reach_the_plugin() {
    Folder::probe()
        .play(
            "set endpoint.path = /stream\nset endpoint.room_parameter = room\nconfig greeting = \"hello\"\n\
             ada connects /stream?room=tea\n  header Authorization: Bearer x\n  header last-event-id: 7\n  from 192.0.2.7\n\
             ada is in tea\n\
             ada sends {\"op\": \"calls\"}\n\
             ada is answered 200 {\"ok\": [_, {\"hook\": \"on-connect\", \"connection\": $ada, \"request\": {\n\
               \"peer\": like \"192.0.2.7:*\", \"last_event_id\": \"7\", \"query\": \"room=tea\", ...\n\
             }}, {\"hook\": \"on-join\", \"room\": \"tea\", ...}, ...]}\n\
             ada sends {\"op\": \"config-get\", \"key\": \"greeting\"}\n\
             ada is answered 200 {\"ok\": \"hello\"}\n  header content-type: *\n\
             bob connects /stream?room=private\nbob is rejected 403 \"private is private\"\n\
             bob connects /stream?reject=401&body=no&header=www-authenticate:Basic\n\
             bob is rejected 401 \"no\"\n  header www-authenticate: Basic\n\
             bob connects /stream?reject=204\nbob is rejected 204",
        )
        .passes();
}

#[test]
fn publishers_and_operators_are_simulated() {
    Folder::probe()
        .play(
            "ada connects /sse?join=rewritten\nbob connects\n\
             publish rewritten news {\"a\": \"b\"} id \"1\"\nreaches 1\nada gets news {\"A\": \"B\"} id \"1\"\n\
             publish refused \"x\"\nrefused 403 \"refused takes no events\"\n\
             publish nobody \"x\"\nreaches 0\n\
             join ada, bob tea\nroom tea has ada, bob\nada is in tea, rewritten\n\
             join ada private\nrefused 403 \"private is private\"\nada is not in private\n\
             leave bob tea\nbob is in no room\nroom tea has 1\n\
             close ada\nada is closed operator-closed\nroom tea is empty\n\
             bob sends {\"op\": \"calls\"}\nbob is answered 200 like \"*on-leave*on-disconnect*operator-closed*\"",
        )
        .passes();
}

#[test]
fn reload_hands_over_state_and_crash_does_not() {
    let timer = r#"{"op": "set-timer", "delay_ms": 100, "repetition": "once", "token": "{\"op\": \"broadcast\", \"room\": \"__all\", \"event\": {\"data\": \"late\"}}"}"#;
    let calls = "ada sends {\"op\": \"calls\"}\nada is answered 200";
    let text = format!(
        "scenario handed over\nada connects\nada sends {timer}\nreload\n{calls} like \"*on-connect*\"\nadvance 100ms\nada gets \"late\"\n\
         scenario fresh\nada connects\nreload fresh\n{calls} {{\"ok\": [{{\"hook\": \"init\"}}, {{\"hook\": \"on-message\", ...}}]}}\n\
         scenario lost\nada connects\nada sends {timer}\ncrash\n{calls} {{\"ok\": [{{\"hook\": \"init\"}}, {{\"hook\": \"on-message\", ...}}]}}\n\
         advance 1s\nada gets nothing\n\
         scenario refused\nconfig restore_error = \"not me\"\nada connects\nreload\nrefused like \"*not me*\"\n{calls} like \"*on-connect*\""
    );
    let said = Folder::probe().play(&text);
    said.passes();
    said.has(&["4 scenarios: passed"]);
}

#[test]
fn difference_is_shown_field_by_field() {
    let said = Folder::probe().play(
        "scenario it differs\n  ada connects\n  ada sends {\"op\": \"send-event\", \"event\": {\"event\": \"news\", \"data\": \"{\\\"a\\\":1,\\\"b\\\":[1,2],\\\"c\\\":null}\"}}\n\
         \n  ada gets news {\n    \"a\": 1,\n    \"b\": [1, 3]\n  }\n",
    );
    said.fails(&[
        "FAILED  it differs",
        "scenarios/it.scenario:5\n      ada gets news {\n        \"a\": 1,\n        \"b\": [1, 3]\n      }\n",
        "`news` came with other data\n      - expected  + received\n",
        "        {\n          \"a\": 1,\n          \"b\": [\n            1,\n      -     3,\n      +     2,\n          ],\n      +   \"c\": null,\n        }\n",
    ]);
    assert!(said.err.contains("1 of 1 scenario failed"), "{}", said.err);
}

#[test]
fn unexpected_event_is_a_failure() {
    Folder::probe().play("ada connects /sse?send=hello").fails(&["more than the scenario says", "ada gets \"hello\""]);
    Folder::probe().play("ada connects /sse?reject=402&body=pay").fails(&["ada is rejected 402 \"pay\""]);
    Folder::probe().play("ada connects\nada sends \"x\"\nada is open").fails(&["ada is answered 400"]);
    Folder::probe().play("ada connects /sse?close=1").fails(&["ada is closed plugin-closed"]);
    Folder::probe().play("publish refused \"x\"\nadvance 1s").fails(&["it.scenario:1", "refused 403"]);
    Folder::probe().play("ada connects\nada gets nothing\nada gets x").fails(&["ada has got nothing more", "- x"]);
    Folder::probe()
        .play("ada connects /sse?send=a&send=b\nada gets \"c\"")
        .fails(&["after that ada has got:\n      \"b\""]);
    Folder::probe().play("ada connects /sse?send=a\nada ignores message").passes();
    Folder::probe().play("ignore message\nada connects /sse?send=a").passes();
}

#[test]
fn failed_call_is_reported_with_text_and_line() {
    let said =
        Folder::rogue().play("ada connects\nada ignores done\nada sends {\"action\": \"trap\"}\nada is answered 202");
    said.fails(&["it.scenario:3", "plugin `it` failed: ", "unreachable", "told to trap", "the log:"]);
    Folder::rogue()
        .play(
            "ada connects\nada ignores done\nada sends {\"action\": \"unreachable\"}\nplugin fails like \"*unreachable*\"\n\
             ada is answered 503\nada sends {\"action\": \"ok\"}\nada is answered 200",
        )
        .passes();
    Folder::rogue().play("ada connects\nada ignores done\nplugin fails").fails(&["no call of a plugin has failed"]);
    // One in a timer, in the middle of a step.
    Folder::rogue()
        .play("ada connects /sse?action=timer&token=trap\nada ignores done\nadvance 1s")
        .fails(&["it.scenario:3", "failed"]);
}

#[test]
fn error_in_the_log_is_a_failure_unless_a_step_names_it() {
    let log = |level: &str| {
        format!("ada connects\nada sends {{\"op\": \"log\", \"level\": \"{level}\", \"message\": \"boom\"}}\n")
    };
    Folder::probe().play(&log("error")).fails(&[
        "it.scenario:2",
        "a plugin logged an error: boom",
        "plugin logs error \"boom\"",
    ]);
    Folder::probe().play(&(log("error") + "advance 1s\nplugin logs error \"boom\"")).fails(&["it.scenario:2"]);
    Folder::probe().play(&(log("error") + "plugin logs error \"boom\"\nadvance 1s")).passes();
    Folder::probe().play(&(log("error") + "plugin logs like \"b*\"")).passes();
    Folder::probe().play(&log("warn")).passes();
}

#[test]
fn waiting_call_advances_the_clock_and_endless_call_times_out() {
    Folder::rogue()
        .play("ada connects\nada ignores done\nada sends {\"action\": \"sleep\", \"n\": 300}\nada is answered 200 like \"*slept*\"")
        .passes();
    Folder::rogue()
        .play("ada connects\nada ignores done\nada sends {\"action\": \"loop\"}\nplugin fails like \"on-message: it took longer than 1s*\"")
        .passes();
}

#[test]
fn syntax_errors_name_their_line() {
    let folder = Folder::probe().with("bad.scenario", "ada connects\n\nada gtes x\n");
    folder.test(&[]).refuses(&["bad.scenario:3:1: `gtes` is not known: did you mean `ada gets`?"]);
    let said = Folder::probe().play("set endpoint.pth = /x\nada connects");
    said.fails(&["it.scenario:1", "did you mean `path`"]);
    Folder::probe().play("ada connects /other").fails(&["streams are at `/sse`"]);
}

#[test]
fn filter_selects_scenarios_by_name() {
    let folder = Folder::probe()
        .with("one.scenario", "scenario first\nada connects\nscenario second\nada connects")
        .with("two.scenario", "ada connects");
    folder.test(&["SECOND"]).has(&["second", "1 scenario: passed"]);
    folder.test(&["one"]).has(&["2 scenarios: passed"]);
    folder.test(&[]).has(&["3 scenarios: passed"]);
    folder.test(&["third"]).refuses(&["is called third"]);
    folder.test(&["--list"]).has(&["one.scenario:1: first", "one.scenario:3: second", "two.scenario:1: two"]);
    let file = folder.path("scenarios/two.scenario");
    folder.test(&["--scenarios", file.to_str().expect("UTF-8")]).has(&["1 scenario: passed"]);
}

#[test]
fn missing_input_is_reported_with_a_remedy() {
    let missing = Folder::of(Path::new("build/hello.wasm"), "").with("it.scenario", "ada connects");
    missing.test(&[]).refuses(&["build/hello.wasm is not there", "roomcast build"]);
    let probe = Folder::probe();
    probe.test(&[]).refuses(&["no scenarios in scenarios", "hello.scenario", "ada connects /sse?name=Ada"]);
    run(probe.0.path(), &["scenarios"]).refuses(&["no `roomcast.toml` in scenarios"]);
    run(probe.0.path(), &["hello"]).refuses(&["neither a folder nor a component", "roomcast test . hello"]);
    run(probe.0.path(), &["x.wasm"]).refuses(&["--scenarios DIR"]);
    let broken = Folder::of(&lobby_scenarios().join("moving.scenario"), "").with("it.scenario", "ada connects");
    broken.test(&[]).refuses(&["plugin `"]);
    let refusing = Folder::probe().play("config init_error = \"no key\"\nada connects");
    refusing.fails(&["no key"]);
}

#[test]
fn scenarios_run_the_whole_chain_from_a_fresh_state() {
    let store = "[plugins.config]\nname = 'a'\n[plugins.capabilities.keyvalue]\npersist = 'disk'\n";
    let second =
        format!("[[plugins]]\nname = 'other'\npath = '{}'\nconfig.name = 'b'\n", test_guest("probe").display());
    let text = "scenario one\n  ada connects\n  ada sends {\"to\": \"b\", \"op\": \"calls\"}\n\
                \n  ada is answered 200 like \"*on-connect*\"\n\
                \n  ada sends {\"op\": \"kv-set\", \"key\": \"k\", \"value\": \"v\"}\n  ada is answered 200\n\
                scenario two\n  ada connects\n  ada sends {\"op\": \"kv-exists\", \"key\": \"k\"}\n  ada is answered 200 {\"ok\": false}\n";
    Folder::of(&test_guest("probe"), &format!("{store}{second}")).play(text).passes();
}
