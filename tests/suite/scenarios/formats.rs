//! Results for other programs.

use serde_json::{Value, json};

use super::{Folder, Said};

/// One that passes, and one that fails.
const BOTH: &str = "scenario it is so\n  ada connects /sse?send=a\n  ada gets \"a\"\n\
                    scenario it is <not>\n  ada connects /sse?send=a\n  ada gets \"b\"\n";

fn lines(said: &Said) -> Vec<Value> {
    said.out.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

#[test]
fn json_is_an_object_a_line() {
    let folder = Folder::probe().with("it.scenario", BOTH);
    let said = folder.test(&["--json"]);
    assert!(!said.success && said.err.contains("1 of 2 scenarios failed"), "{}", said.err);
    let [passed, failed, summary] = &lines(&said)[..] else { panic!("{}", said.out) };
    let about = |line: &Value| ["type", "file", "line", "name", "status"].map(|name| line[name].clone());
    assert_eq!(
        about(passed),
        [json!("scenario"), json!("scenarios/it.scenario"), json!(1), json!("it is so"), json!("passed")]
    );
    assert!(passed["seconds"].is_f64() && passed.get("failure").is_none() && passed.get("transcript").is_none());
    assert_eq!(about(failed)[2..], [json!(4), json!("it is <not>"), json!("failed")]);
    let failure = &failed["failure"];
    assert_eq!((&failure["line"], &failure["step"]), (&json!(6), &json!("ada gets \"b\"")));
    assert_eq!(failure["message"], "ada: `message` came with other data");
    let diff = json!([{"mark": "expected", "text": "\"b\""}, {"mark": "received", "text": "\"a\""}]);
    assert_eq!(failure["diff"], diff);
    assert_eq!(
        (&summary["type"], &summary["scenarios"], &summary["failed"]),
        (&json!("summary"), &json!(2), &json!(1))
    );
    let [passed, _, _] = &lines(&folder.test(&["--format", "json", "-v"]))[..] else { panic!("three lines") };
    assert!(passed["transcript"].as_array().is_some_and(|lines| lines.len() > 1), "{passed}");
    let [first, second] = &lines(&folder.test(&["--json", "--list"]))[..] else { panic!("two lines") };
    assert_eq!((&first["name"], &second["line"], first.get("status")), (&json!("it is so"), &json!(4), None));
    let wrong = Folder::probe().play("ada gtes x");
    assert!(wrong.out.is_empty() && wrong.err.contains("did you mean `ada gets`?"), "{}", wrong.err);
}

#[test]
fn junit_is_a_document_with_times() {
    let said = Folder::probe().with("it.scenario", BOTH).test(&["--format", "junit"]);
    assert!(!said.success && said.err.contains("1 of 2 scenarios failed"), "{}", said.err);
    said.has(&[
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>",
        "<testsuites name=\"roomcast\" tests=\"2\" skipped=\"0\" failures=\"1\" errors=\"0\" time=\"",
        "<testsuite name=\"scenarios/it.scenario\" tests=\"2\"",
        "<testcase name=\"it is so\" classname=\"it\" time=\"",
        "<testcase name=\"it is &lt;not&gt;\"",
        "<failure message=\"ada: `message` came with other data\"",
        "scenarios/it.scenario:6\n  ada gets &quot;b&quot;",
        "- &quot;b&quot;",
    ]);
    assert!(!said.out.contains('\u{1b}'), "no colours");
}
