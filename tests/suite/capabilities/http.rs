//! Outgoing requests.

use serde_json::{Value, json};

use super::upstream::Upstream;
use super::{Probe, granting};

fn fetch(url: &str) -> Value {
    json!({"op": "fetch", "url": url})
}

fn code(name: &str) -> Value {
    json!({"kind": "http", "code": name})
}

async fn requests(probe: &Probe, outcome: &str) -> f64 {
    probe.server.metric("roomcast_plugin_http_requests_total", &format!("outcome=\"{outcome}\"")).await
}

#[tokio::test]
async fn granted_request_is_made() {
    let upstream = Upstream::start().await;
    let probe = Probe::granted(&upstream.grant("")).await;
    let answer = probe.ok(fetch(&upstream.url("/hello"))).await;
    assert_eq!((&answer["status"], &answer["body"]), (&json!(200), &json!("hello")));
    assert!(answer["headers"].as_array().expect("a list").contains(&json!(["x-upstream", "yes"])), "{answer}");

    let mut post = fetch(&upstream.url("/echo?a=b"));
    post["method"] = json!("POST");
    post["headers"] = json!([["x-own", "1"], ["content-length", "6000"]]);
    (post["body"], post["repeat"]) = (json!("abcdef"), json!(1000));
    let seen = probe.ok(post).await["body"].as_str().expect("text").to_ascii_lowercase();
    assert!(seen.starts_with("post /echo?a=b http/1.1\r\n"), "{seen}");
    assert!(seen.contains(&format!("host: {}\r\n", upstream.address)) && seen.contains("x-own: 1\r\n"), "{seen}");
    assert!(seen.ends_with(&format!("\r\n\r\n{}", "abcdef".repeat(1000))), "{seen}");
    assert_eq!(requests(&probe, "answered").await, 2.0);
}

#[tokio::test]
async fn redirect_is_returned_to_the_plugin() {
    let upstream = Upstream::start().await;
    let probe = Probe::granted(&upstream.grant("")).await;
    let answer = probe.ok(fetch(&upstream.url("/elsewhere"))).await;
    assert_eq!(answer["status"], 302);
    assert_eq!(probe.refused(fetch("http://example.org/")).await, code("HttpRequestDenied"));
}

#[tokio::test]
async fn request_without_a_grant_is_denied() {
    let upstream = Upstream::start().await;
    let probe = Probe::granted("").await;
    assert_eq!(probe.refused(fetch(&upstream.url("/"))).await, code("HttpRequestDenied"));
    assert_eq!(upstream.connections(), 0);
    assert_eq!(requests(&probe, "denied").await, 1.0);
    probe.server.wait_for_log("not granted `capabilities.http`").await;
}

#[tokio::test]
async fn request_to_an_unlisted_host_is_denied() {
    let upstream = Upstream::start().await;
    let probe = Probe::granted(&upstream.grant("")).await;
    let port = upstream.address.port();
    for url in [
        format!("https://127.0.0.1:{port}/"),
        format!("http://127.0.0.1:{}/", port ^ 1),
        format!("http://127.0.0.2:{port}/"),
        format!("http://localhost:{port}/"),
        format!("http://127.1:{port}/"),
    ] {
        assert_eq!(probe.refused(fetch(&url)).await, code("HttpRequestDenied"), "{url}");
    }
    let password = format!("http://127.0.0.1:80@127.0.0.1:{port}/");
    assert_eq!(probe.refused(fetch(&password)).await, code("HttpRequestUriInvalid"));
    let mut tunnel = fetch(&upstream.url("/"));
    tunnel["method"] = json!("CONNECT");
    assert_eq!(probe.refused(tunnel).await, code("HttpRequestMethodInvalid"));
    assert_eq!(upstream.connections(), 0);
    probe.server.wait_for_log("no entry of `capabilities.http.allow` covers it").await;
    assert!(probe.run(fetch(&upstream.url("/"))).await.is_ok());
}

/// The list names the host, so only its address speaks against it.
#[tokio::test]
async fn private_address_is_denied_under_any_name() {
    let upstream = Upstream::start().await;
    let port = upstream.address.port();
    let list = format!(
        "allow = [\"http://127.0.0.1:{port}\", \"http://localhost:{port}\", \"http://[::ffff:127.0.0.1]:{port}\"]"
    );
    let refusing = Probe::granted(&format!("[plugins.capabilities.http]\n{list}")).await;
    let urls = ["127.0.0.1", "localhost", "[::ffff:127.0.0.1]"].map(|host| format!("http://{host}:{port}/"));
    for url in &urls {
        assert_eq!(refusing.refused(fetch(url)).await, code("DestinationIpProhibited"), "{url}");
    }
    assert_eq!(upstream.connections(), 0);
    assert_eq!(requests(&refusing, "denied").await, 3.0);
    let allowing = Probe::granted(&format!("[plugins.capabilities.http]\nprivate = \"allow\"\n{list}")).await;
    for url in &urls[..2] {
        assert_eq!(allowing.ok(fetch(url)).await["body"], "hello", "{url}");
    }
}

#[tokio::test]
async fn request_to_an_unresponsive_host_times_out() {
    let upstream = Upstream::start().await;
    let probe = Probe::granted(&upstream.grant("timeout = \"500ms\"")).await;
    assert_eq!(probe.refused(fetch(&upstream.url("/silent"))).await, code("ConnectionReadTimeout"));
    assert_eq!(probe.refused(fetch(&upstream.url("/halting"))).await, code("ConnectionReadTimeout"));
    assert_eq!(probe.restarts().await, 0, "the plugin was told, and goes on");
    assert_eq!(probe.limit("capabilities.http.timeout").await, 2.0);
    assert_eq!(requests(&probe, "timeout").await, 1.0, "the other one had its answer begun");
}

/// The time-out is longer than the call may take; still it is the plugin that learns of it.
#[tokio::test]
async fn request_times_out_before_the_deadline_of_its_call() {
    let upstream = Upstream::start().await;
    let limits = "[plugins.limits]\ndeadline = \"2s\"\n";
    let probe = Probe::granted(&format!("{limits}{}", upstream.grant("timeout = \"1h\""))).await;
    for path in ["/silent", "/halting"] {
        assert_eq!(probe.refused(fetch(&upstream.url(path))).await, code("ConnectionReadTimeout"));
    }
    assert_eq!(probe.restarts().await, 0);
}

#[tokio::test]
async fn endless_requests_end_at_the_call_deadline() {
    let upstream = Upstream::start().await;
    let limits = "[plugins.limits]\ndeadline = \"300ms\"\n";
    let mut probe = Probe::granted(&format!("{limits}{}", upstream.grant("in_flight = 1"))).await;
    let command = json!({"op": "keep-asking", "url": upstream.url("/silent")}).to_string();
    assert_eq!(probe.server.send_message(&probe.ada.id(), &command).await.status, 503);
    probe.server.publish("__all", "still here").await;
    assert_eq!(probe.ada.event().await.data, "still here");
    assert_eq!(probe.server.metric("roomcast_plugin_timeouts_total", "").await, 1.0);
    // Nothing of it is left: the only place is free for the next instance.
    let fetch = fetch(&upstream.url("/")).to_string();
    roomcast_tests::eventually("an answer to the next instance", || async {
        let answer = probe.server.send_message(&probe.ada.id(), &fetch).await;
        (answer.status == 200 && answer.json()["ok"]["body"] == "hello").then_some(())
    })
    .await;
}

#[tokio::test]
async fn guest_timeout_below_the_limit_is_respected() {
    let upstream = Upstream::start().await;
    let limits = "[plugins.limits]\ndeadline = \"20s\"\n";
    let probe = Probe::granted(&format!("{limits}{}", upstream.grant("timeout = \"20s\""))).await;
    for (path, option) in [("/silent", "first_byte_ms"), ("/halting", "between_bytes_ms")] {
        let mut command = fetch(&upstream.url(path));
        command[option] = json!(50);
        assert_eq!(probe.refused(command).await, code("ConnectionReadTimeout"), "{path}");
    }
}

#[tokio::test]
async fn concurrent_requests_are_limited() {
    let upstream = Upstream::start().await;
    let probe = Probe::granted(&upstream.grant("in_flight = 2\ntimeout = \"500ms\"")).await;
    let mut command = fetch(&upstream.url("/silent"));
    command["parallel"] = json!(3);
    let answers = probe.ok(command).await;
    assert_eq!(answers[0]["error"], code("ConnectionReadTimeout"));
    assert_eq!(answers[1]["error"], code("ConnectionReadTimeout"));
    assert_eq!(answers[2]["error"], code("ConnectionLimitReached"));
    assert_eq!(probe.limit("capabilities.http.in_flight").await, 1.0);
    let mut again = fetch(&upstream.url("/"));
    again["parallel"] = json!(2);
    let answers = probe.ok(again).await;
    assert!(answers[0]["ok"]["status"] == 200 && answers[1]["ok"]["status"] == 200, "places come back: {answers}");
}

#[tokio::test]
async fn request_and_response_bodies_are_limited() {
    let upstream = Upstream::start().await;
    let probe = Probe::granted(&upstream.grant("request_bytes = \"10KiB\"\nresponse_bytes = \"10KiB\"")).await;
    assert_eq!(probe.ok(fetch(&upstream.url("/bytes/10240"))).await["body"].as_str().map(str::len), Some(10240));
    assert_eq!(probe.refused(fetch(&upstream.url("/bytes/10241"))).await, code("HttpResponseBodySize"));
    let mut post = fetch(&upstream.url("/echo"));
    (post["method"], post["body"], post["repeat"]) = (json!("POST"), json!("x"), json!(10241));
    assert_eq!(probe.refused(post).await, code("HttpRequestBodySize"));
    assert_eq!(probe.limit("capabilities.http.response_bytes").await, 1.0);
    assert_eq!(probe.limit("capabilities.http.request_bytes").await, 1.0);
    assert_eq!(probe.refused(fetch(&upstream.url("/long-head"))).await, code("HttpResponseHeaderSectionSize"));
}

#[tokio::test]
async fn malformed_responses_are_reported_as_protocol_errors() {
    let upstream = Upstream::start().await;
    let probe = Probe::granted(&upstream.grant("")).await;
    assert_eq!(probe.refused(fetch(&upstream.url("/nonsense"))).await, code("HttpProtocolError"));
    assert_eq!(probe.refused(fetch(&upstream.url("/broken"))).await, code("HttpResponseIncomplete"));
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("an address");
    let nowhere = "http://nobody.invalid:1";
    let grant =
        format!("[plugins.capabilities.http]\nprivate = \"allow\"\nallow = [\"http://{nobody}\", \"{nowhere}\"]");
    let probe = Probe::granted(&grant).await;
    assert_eq!(probe.refused(fetch(&format!("http://{nobody}/"))).await, code("ConnectionRefused"));
    assert_eq!(requests(&probe, "failed").await, 1.0);
    // A resolver that is far away may take its time to say so.
    let refused = probe.refused(fetch(&format!("{nowhere}/"))).await;
    assert!([code("DnsError"), code("DnsTimeout")].contains(&refused), "{refused}");
}

/// What the host would have to keep before a request is sent.
#[tokio::test]
async fn oversized_request_fields_are_rejected() {
    let probe = Probe::granted("").await;
    let long = format!("http://{}/", "x".repeat(1000));
    assert_eq!(probe.refused(fetch(&long)).await, json!({"kind": "other", "reason": "authority"}));
    let mut odd = fetch("http://example.org/");
    odd["method"] = json!("X".repeat(1000));
    assert_eq!(probe.refused(odd).await, json!({"kind": "other", "reason": "method"}));
    assert_eq!(probe.restarts().await, 0);
}

#[tokio::test]
async fn invalid_grant_is_rejected_at_start() {
    for (keys, why) in [
        ("allow = []", "`capabilities.http.allow` names no host"),
        ("allow = ['*']", "is no destination such as"),
        ("allow = ['a']\ntimeout = '0s'", "capabilities.http.timeout`: \"0s\" is out of range"),
        ("allow = ['a']\nin_flight = 0", "in_flight"),
        ("allow = ['a']\nca = 'none.pem'", "none.pem cannot be read"),
        ("allow = ['a']\nprivate = true", "private"),
    ] {
        let (text, status) = granting(&format!("[plugins.capabilities.http]\n{keys}")).refuses_to_start().await;
        assert!(!status.success() && text.contains(why), "{keys}: {text}");
    }
}
