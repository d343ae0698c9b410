//! What is refused at the start, and what is denied when it is known where it would go.

use std::net::TcpListener;

use roomcast_tests::{Builder, Server, Upstream, Wire, test_guest};
use serde_json::{Value, json};

use super::Stage;

async fn stage(toml: &str) -> Stage {
    let server = Builder::default().plugin_with(test_guest("probe"), toml).start().await;
    Stage::of(server, Upstream::start().await).await
}

#[tokio::test]
async fn fetch_without_a_grant_is_denied() {
    let stage = stage("").await;
    let refused = stage.refused(stage.get("a")).await;
    assert_eq!(refused, json!({"kind": "not-permitted", "capability": "capabilities.http"}));
    stage.server.wait_for_log("not granted `capabilities.http`").await;
    assert_eq!((stage.ended_with("denied").await, stage.upstream.connections()), (1.0, 0));
}

#[tokio::test]
async fn fetch_to_an_unlisted_host_is_denied() {
    let stage = Stage::start().await;
    let port = stage.upstream.address.port();
    for url in [
        format!("https://127.0.0.1:{port}"),
        format!("http://127.0.0.1:{}", port ^ 1),
        format!("http://127.0.0.2:{port}"),
        format!("http://localhost:{port}"),
    ] {
        let mut command = stage.get("a");
        command["url"] = json!(format!("{url}/path"));
        // The error says what the operator would have to write.
        let capability = format!("capabilities.http.allow = [\"{url}\"]");
        assert_eq!(stage.refused(command).await, json!({"kind": "not-permitted", "capability": capability}));
    }
    stage.server.wait_for_log("no entry of `capabilities.http.allow` covers it").await;
    assert_eq!((stage.ended_with("denied").await, stage.upstream.connections()), (4.0, 0));
    assert!(stage.run(stage.get("a")).await.is_ok());
}

/// The list names the host, so only its address speaks against it: that is known later.
#[tokio::test]
async fn private_address_is_denied_under_any_name() {
    let port = TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("an address").port();
    let hosts = ["127.0.0.1", "localhost", "[::ffff:127.0.0.1]"].map(|host| format!("http://{host}:{port}"));
    let stage = stage(&format!("[plugins.capabilities.http]\nallow = {}", json!(hosts))).await;
    for url in &hosts {
        stage.ok(json!({"op": "fetch-start", "url": url, "token": url})).await;
        let calls = stage.whole(url).await;
        let error = &calls[0]["outcome"]["error"];
        assert_eq!(error["kind"], "denied", "{url}: {calls:?}");
        assert!(error["reason"].as_str().expect("a text").contains("which is no public address"), "{error}");
    }
    assert_eq!(stage.ended_with("denied").await, 3.0);
    stage.server.wait_for_log("which is no public address").await;
}

#[tokio::test]
async fn invalid_arguments_are_errors_not_traps() {
    let stage = Stage::start().await;
    let url = stage.upstream.url("/");
    let refused = [
        ("request.url", json!({"url": ""})),
        ("request.url", json!({"url": "nonsense"})),
        ("request.url", json!({"url": "file:///etc/passwd"})),
        ("request.url", json!({"url": format!("http://name:word@{}/", stage.upstream.address)})),
        ("request.url", json!({"url": format!("{url}{}", "x".repeat(9_000))})),
        ("request.url", json!({"url": format!("{url}\u{e9}")})),
        ("request.method", json!({"method": "CONNECT"})),
        ("request.method", json!({"method": "TRACE"})),
        ("request.method", json!({"method": "GET /x HTTP/1.1\r\nx: y"})),
        ("request.method", json!({"method": ""})),
        ("request.headers", json!({"headers": [["Host", "elsewhere"]]})),
        ("request.headers", json!({"headers": [["content-length", "3"]]})),
        ("request.headers", json!({"headers": [["Transfer-Encoding", "chunked"]]})),
        ("request.headers", json!({"headers": [["x", "a\r\ny: b"]]})),
        ("request.headers", json!({"headers": [["a b", "c"]]})),
        ("request.headers", json!({"headers": vec![["x", "y"]; 101]})),
        ("request.headers", json!({"headers": [["x", "y".repeat(40_000)]]})),
        ("request.timeout-ms", json!({"timeout_ms": 0})),
        ("token", json!({"token": "x".repeat(1025)})),
    ];
    for (argument, change) in refused {
        let mut command = stage.get("a");
        command.as_object_mut().expect("an object").extend(change.as_object().expect("an object").clone());
        let why = stage.refused(command).await;
        assert_eq!((&why["kind"], &why["argument"]), (&json!("invalid-argument"), &json!(argument)), "{change}");
    }
    let mut command = stage.get("a");
    command["for"] = json!("0192f3c4-7b1e-4c55-9c0e-2f6d1c1b8a77");
    assert_eq!(stage.refused(command).await["kind"], "no-such-connection");
    assert_eq!((stage.upstream.connections(), stage.server.status("probe").await["restarts"].as_u64()), (0, Some(0)));
    let mut command = stage.get("x".repeat(1024).as_str());
    command["method"] = json!("PROPFIND");
    assert!(stage.run(command).await.is_ok(), "the longest token");
}

/// A plugin without the hooks cannot start a fetch, since nothing would take its response.
#[tokio::test]
async fn fetch_hooks_are_listed_by_check_and_status() {
    let stage = Stage::start().await;
    let hooks = stage.server.status("probe").await["hooks"].clone();
    assert!(hooks.as_array().expect("a list").contains(&json!("fetch-events")), "{hooks}");
    let check = std::process::Command::new(roomcast_tests::binary()).arg("inspect").arg(test_guest("probe")).output();
    let text = String::from_utf8(check.expect("it runs").stdout).expect("UTF-8");
    assert!(text.contains("fetch-events"), "{text}");
    let line = text.lines().find(|line| line.contains("roomcast:plugin/fetch@0.1.0")).expect("the import");
    assert!(line.contains("asks for `capabilities.http`"), "{line}");
}

#[tokio::test]
async fn invalid_grant_is_rejected_at_start() {
    for (keys, why) in [
        ("streams = 0", "streams"),
        ("stream_timeout = '0s'", "capabilities.http.stream_timeout`: \"0s\" is out of range"),
        ("stream_idle_timeout = '0s'", "capabilities.http.stream_idle_timeout`: \"0s\" is out of range"),
        ("total_request_bytes = 'much'", "total_request_bytes"),
        ("stream_byte = '1MiB'", "the key `stream_byte` is not known"),
    ] {
        let toml = format!("[plugins.capabilities.http]\nallow = ['a']\n{keys}");
        let (text, status) = Builder::default().plugin_with(test_guest("probe"), &toml).refuses_to_start().await;
        assert!(!status.success() && text.contains(why), "{keys}: {text}");
    }
}

/// Arguments count as bytes that a call hands over.
#[tokio::test]
async fn bytes_handed_over_by_one_call_are_limited() {
    let upstream = Upstream::start().await;
    let toml = format!("limits.host_bytes = '100KiB'\n{}", upstream.grant(""));
    let server: Server = Builder::default().plugin_with(test_guest("probe"), &toml).start().await;
    let stage = Stage::of(server, upstream).await;
    let mut command = stage.get("a");
    (command["body"], command["repeat"]) = (json!("x"), json!(60_000));
    let all = json!({"op": "all", "commands": [command, command]});
    let answers: Value = stage.ok(all).await;
    assert!(answers[0]["ok"].is_u64(), "{answers}");
    assert_eq!(answers[1]["error"]["key"], "limits.host_bytes", "{answers}");
    let _still = stage.server.connect(Wire::Http11, "/sse").await;
}
