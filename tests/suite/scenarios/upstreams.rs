//! Upstreams: what answers the requests of plugins in a scenario.

use roomcast_tests::{plugin, root, test_guest};

use super::{Folder, run};

const GRANT: &str =
    "[plugins.capabilities.http]\nallow = ['api.example', 'http://127.0.0.1:9000']\nprivate = 'allow'\n";

fn probe() -> Folder {
    Folder::of(&test_guest("probe"), GRANT)
}

/// A step in which the probe makes a request within its call.
fn asks(arguments: &str) -> String {
    format!("ada sends {{\"op\": \"fetch\", {arguments}}}\n")
}

/// A step in which the probe starts a fetch whose pieces, and whose end, are events for Ada.
fn fetches(arguments: &str) -> String {
    let token = r#""token": "{\"relay\": \"$ada\"}""#;
    format!("ada sends {{\"op\": \"fetch-start\", {token}, {arguments}}}\nada is answered 200\n")
}

#[test]
fn relay_passes_its_scenarios() {
    let folder = root().join("plugins/relay");
    let config = std::fs::read_to_string(folder.join("roomcast.toml")).expect("the relay's");
    let (_, grants) = config.split_once("[plugins.config]").expect("a table");
    let scenarios = folder.join("scenarios");
    let relay = Folder::of(&plugin("relay"), &format!("[plugins.config]{grants}"));
    let said = run(relay.0.path(), &[".", "--scenarios", scenarios.to_str().expect("UTF-8")]);
    said.passes();
    said.has(&["tokens arrive as the model says them", "12 scenarios: passed"]);
}

/// The example of the documentation passes.
#[test]
fn documented_upstreams_answer() {
    let text = include_str!("../../../docs/plugins/testing.md");
    let (_, upstreams) = text.split_once("### Upstreams").expect("a section");
    let example = upstreams.split("```").nth(1).expect("a block");
    let config = format!("[plugins.config]\nupstream = 'http://127.0.0.1:9000/answer'\n{GRANT}");
    let said = Folder::of(&plugin("relay"), &config).play(example.trim_start());
    said.passes();
    said.has(&["2 scenarios: passed"]);
}

#[test]
fn requests_within_a_call_are_answered() {
    let text = [
        "upstream POST https://api.example/v1/chat answers 201 {\"cpu\": 1}\n  header x-own: yes\nada connects\n",
        &asks(
            r#""url": "https://API.example:443/v1/chat", "method": "POST", "body": "{\"q\":1.0}", "headers": [["x-key", "secret"]]"#,
        ),
        "ada is answered 200 {\"ok\": {\"status\": 201, \"body\": \"{\\\"cpu\\\":1}\", ...}}\n",
        "upstream gets POST https://api.example/v1/chat {\"q\": 1}\n  header x-key: sec*\nupstream gets nothing\n",
        "upstream GET http://127.0.0.1:9000/*?a=b answers 200\n  piece \"a\"\n  piece \"b\" after 100ms\n",
        &asks(r#""url": "http://127.0.0.1:9000/metrics?a=b""#),
        "ada is answered 200 {\"ok\": {\"status\": 200, \"body\": \"ab\", ...}}\n",
        "upstream gets GET http://127.0.0.1:9000/*\n",
    ];
    probe().play(&text.concat()).passes();
}

#[test]
fn answers_once_come_before_those_that_stay() {
    let asked = asks(r#""url": "http://127.0.0.1:9000/""#);
    let once = |status: &str| format!("upstream GET http://127.0.0.1:9000 answers {status} once\n");
    let is = |status: &str| format!("{asked}ada is answered 200 {{\"ok\": {{\"status\": {status}, ...}}}}\n");
    let text = [
        "ada connects\nupstream GET http://127.0.0.1:9000 answers 200\n",
        &once("503"),
        &once("429"),
        &is("503"),
        &is("429"),
        &is("200"),
        &is("200"),
        "upstream GET http://127.0.0.1:9000 answers 404\n",
        &is("404"),
    ];
    probe().play(&text.concat()).passes();
}

#[test]
fn failures_are_those_of_a_server() {
    let url = r#""url": "https://api.example/""#;
    for (failure, code, kind) in [
        ("connection-refused", "ConnectionRefused", "unreachable"),
        ("dns-error", "DnsError", "unreachable"),
        ("tls-certificate-error", "TlsCertificateError", "unreachable"),
        ("connection-timeout", "ConnectionTimeout", "limit-exceeded"),
        ("connection-read-timeout", "ConnectionReadTimeout", "limit-exceeded"),
        ("http-response-incomplete", "HttpResponseIncomplete", "broken"),
    ] {
        let (asked, fetched) = (asks(url), fetches(url));
        let text = format!(
            "ada connects\nupstream GET https://api.example fails {failure}\n{asked}ada is answered 200 like \"*{code}*\"\n\
             {fetched}advance 60s\nada gets end {{\"error\": {{\"kind\": \"{kind}\", ...}}}}\n"
        );
        let said = probe().play(&text);
        assert!(said.success, "{failure}\n{}", said.out);
    }
}

#[test]
fn pieces_reach_the_plugin_one_by_one_by_the_scenarios_clock() {
    let text = [
        "ada connects\nupstream GET http://127.0.0.1:9000/ answers 200 after 1s\n  piece \"a\"\n  piece \"b\"\n  piece \"c\" after 2s\n  breaks off\n",
        &fetches(r#""url": "http://127.0.0.1:9000/""#),
        "advance 999ms\nada gets nothing\nadvance 1ms\nada gets chunk \"a\"\nada gets chunk \"b\"\nada gets nothing\n",
        "advance 2s\nada gets chunk \"c\"\nada gets end {\"error\": {\"kind\": \"broken\", ...}}\n",
        "upstream GET http://127.0.0.1:9000/many answers 200\n",
        &"  piece \"x\"\n".repeat(100),
        &fetches(r#""url": "http://127.0.0.1:9000/many", "for": "sender""#),
        &"ada gets chunk \"x\"\n".repeat(100),
        "ada gets end {\"ok\": null}\n",
    ];
    probe().play(&text.concat()).passes();
}

#[test]
fn call_waits_no_longer_than_in_a_server() {
    let asked = asks(r#""url": "http://127.0.0.1:9000/""#);
    let text = |said: &str| {
        format!(
            "ada connects\nupstream GET http://127.0.0.1:9000 answers 200 after 2s\n{asked}ada is answered 200 like \"*{said}*\"\n"
        )
    };
    probe().play(&text("ConnectionReadTimeout")).passes();
    Folder::of(&test_guest("probe"), &format!("limits.deadline = '3s'\n{GRANT}")).play(&text("200")).passes();
}

#[test]
fn unexpected_request_is_a_failure_that_names_it() {
    let asked = asks(r#""url": "https://api.example/v2""#);
    let said = probe().play(&format!("ada connects\nupstream GET https://api.example/v1 answers 200\n{asked}"));
    said.fails(&[
        "it.scenario:3",
        "a plugin asks an upstream that the scenario does not have: GET https://api.example/v2",
        "upstream GET https://api.example/v2 answers 200",
        "GET https://api.example/v1",
    ]);
    let missing = probe().play("ada connects\nupstream gets GET https://api.example/v1");
    missing.fails(&["it.scenario:2", "no request GET https://api.example/v1 has come"]);
    let text = format!(
        "ada connects\nupstream POST https://api.example/ answers 200\n{}upstream gets POST https://api.example {{\"q\": 2}}",
        asks(r#""url": "https://api.example/", "method": "POST", "body": "{\"q\": 1}""#)
    );
    probe().play(&text).fails(&[
        "the request POST https://api.example/ has other data",
        "-   \"q\": 2",
        "+   \"q\": 1",
    ]);
    let text = text.replace("gets POST https://api.example {\"q\": 2}", "gets nothing");
    probe().play(&text).fails(&["upstreams have got something", "POST https://api.example/ {\"q\":1}"]);
}

#[test]
fn grants_hold_as_in_a_server() {
    let other = asks(r#""url": "https://other.example/""#)
        + "ada is answered 200 like \"*HttpRequestDenied*\"\nupstream gets nothing\n";
    let text = format!("ada connects\nupstream GET https://other.example answers 200\n{other}");
    probe().play(&text).passes();
    Folder::of(&test_guest("probe"), "").play(&text).passes();
    let local = asks(r#""url": "http://127.0.0.1:9000/""#);
    let text = format!("ada connects\n{local}ada is answered 200 like \"*DestinationIpProhibited*\"\n");
    Folder::of(&test_guest("probe"), &GRANT.replace("private = 'allow'", "")).play(&text).passes();
}

#[test]
fn requests_and_log_are_shown_with_the_time() {
    let text = [
        "ada connects\nupstream GET http://127.0.0.1:9000/ answers 200 after 300ms\n",
        &asks(r#""url": "http://127.0.0.1:9000/""#),
        "ada sends {\"op\": \"log\", \"level\": \"info\", \"message\": \"so far\"}\n",
    ];
    let said = probe().with("it.scenario", &text.concat()).test(&["-v"]);
    said.passes();
    said.has(&["0s    upstream gets GET http://127.0.0.1:9000/", "300ms    plugin logs info \"so far\""]);
}
