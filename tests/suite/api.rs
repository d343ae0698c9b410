//! The API listener, and files next to the stream.

use roomcast_tests::{Answer, Builder, Server, Wire, test_guest, within_deadline};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

#[tokio::test]
async fn unknown_paths_and_methods_are_rejected() {
    let server = Server::without_plugins().start().await;
    for (method, path, status, allow) in [
        ("GET", "/healthz", 200, ""),
        ("GET", "/readyz", 200, ""),
        ("GET", "/metrics", 200, ""),
        ("GET", "/v1/plugins", 200, ""),
        ("GET", "/v1/rooms", 200, ""),
        ("GET", "/v1/connections", 200, ""),
        ("GET", "/", 404, ""),
        ("GET", "/v1", 404, ""),
        ("GET", "/v1/rooms/a/b", 404, ""),
        ("POST", "/metrics", 405, "GET, HEAD"),
        ("HEAD", "/v1/connections/x", 405, "DELETE"),
        ("GET", "/v1/rooms/x/events", 405, "POST"),
        ("GET", "/v1/connections/x", 405, "DELETE"),
        ("GET", "/v1/connections/x/rooms/y", 405, "PUT, DELETE"),
        ("DELETE", "/v1/connections/x", 400, ""),
        ("DELETE", "/v1/connections/0192f3c4-7b1e-4c55-9c0e-2f6d1c1b8a77", 404, ""),
    ] {
        let answer = server.api_call(method, path, "").await;
        assert_eq!((answer.status, answer.header("allow")), (status, allow), "{method} {path}: {}", answer.text());
        if status >= 400 && method != "HEAD" {
            assert!(!answer.json()["error"].as_str().expect("a text").is_empty());
        }
    }
}

/// Every error of the API has one shape, also those about the body of a request.
#[tokio::test]
async fn errors_about_bodies_are_json() {
    let text = |answer: &Answer| answer.json()["error"].as_str().expect("a text").to_owned();
    let server = Server::without_plugins()
        .config("[server]\nbody_bytes = \"1KiB\"\nbodies = 1\nbodies_wait = \"0s\"")
        .start()
        .await;
    let large = server.api_call("POST", "/v1/rooms/x/events", "x".repeat(2_000)).await;
    assert_eq!((large.status, large.header("content-type")), (413, "application/json"));
    assert!(text(&large).contains("server.body_bytes"));
    // The answer `100 Continue` tells that the only place is taken.
    let mut slow = publishing(&server).await;
    within_deadline("an interim answer", slow.read_exact(&mut [0; 25])).await.expect("an answer");
    let busy = server.api_call("POST", "/v1/rooms/x/events", "{}").await;
    assert_eq!((busy.status, busy.header("retry-after")), (503, "1"));
    assert_eq!(busy.header("content-type"), "application/json");
    assert!(text(&busy).contains("server.bodies"));

    let server = Server::without_plugins().config("[server]\nbody_timeout = \"100ms\"").start().await;
    let (mut slow, mut late) = (publishing(&server).await, String::new());
    within_deadline("the answer to a slow body", slow.read_to_string(&mut late)).await.expect("an answer");
    assert!(late.contains("HTTP/1.1 408") && late.contains("application/json"), "{late}");
    assert!(late.ends_with(r#"{"error":"the body did not arrive in time"}"#), "{late}");
}

/// A publisher whose event does not come.
async fn publishing(server: &Server) -> TcpStream {
    let mut stream = TcpStream::connect(server.api()).await.expect("it listens");
    let head =
        b"POST /v1/rooms/x/events HTTP/1.1\r\nhost: localhost\r\nexpect: 100-continue\r\ncontent-length: 10\r\n\r\n";
    stream.write_all(head).await.expect("writable");
    stream
}

#[tokio::test]
async fn request_without_the_token_is_rejected() {
    let server = Server::without_plugins().config("[api]\ntoken = \"secret\"").start().await;
    let answer = server.api_call("GET", "/v1/rooms", "").await;
    assert_eq!((answer.status, answer.header("www-authenticate")), (401, "Bearer"));
    assert_eq!(server.api_call("GET", "/metrics", "").await.status, 401);
    assert_eq!(server.api_call("GET", "/healthz", "").await.status, 200);
    for (token, status) in [("Bearer secret", 200), ("bearer secret", 200), ("Bearer wrong", 401), ("secret", 401)] {
        assert_eq!(
            server.api_call_with_headers("GET", "/v1/rooms", &[("authorization", token)]).await.status,
            status,
            "{token}"
        );
    }
}

#[tokio::test]
async fn local_api_rejects_browser_pages() {
    let server = Server::without_plugins().start().await;
    assert_eq!(
        server.api_call_with_headers("GET", "/v1/rooms", &[("origin", "http://evil.example")]).await.status,
        403
    );
    assert_eq!(server.api_call_with_headers("GET", "/v1/rooms", &[("host", "evil.example")]).await.status, 403);
    assert_eq!(server.api_call_with_headers("GET", "/v1/rooms", &[("host", "localhost:1")]).await.status, 200);
    // As an image or a script, without an origin.
    assert_eq!(server.api_call_with_headers("GET", "/v1/rooms", &[("sec-fetch-site", "cross-site")]).await.status, 403);
    for path in ["/v1/rooms", "/healthz", "/metrics", "/missing"] {
        let answer = server.api_call_with_headers("GET", path, &[]).await;
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(answer.header("cross-origin-resource-policy"), "same-origin", "{path}");
    }
}

#[tokio::test]
async fn health_probe_with_head_gets_no_body() {
    let server = Server::with(test_guest("probe")).start().await;
    for path in [
        "/healthz",
        "/readyz",
        "/metrics",
        "/v1/plugins",
        "/v1/plugins/probe",
        "/v1/rooms",
        "/v1/connections",
        "/v1/rooms/x",
    ] {
        let (get, head) = (
            server.api_call_with_headers("GET", path, &[]).await,
            server.api_call_with_headers("HEAD", path, &[]).await,
        );
        assert_eq!((head.status, head.header("content-type")), (get.status, get.header("content-type")), "{path}");
        assert!(
            head.body.is_empty() && head.header("content-length").parse::<u64>().is_ok_and(|length| length > 0),
            "{path}"
        );
    }
    for wire in Wire::ALL {
        let head = server.request(wire, "HEAD", "/missing", &[]).await;
        assert_eq!((head.status, head.body.len()), (404, 0), "{wire:?}");
    }
}

#[tokio::test]
async fn static_files_outside_the_folder_are_not_served() {
    use std::os::unix::fs::symlink;
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str| folder.path().join(name);
    for dir in [".git", ".well-known", "sub"] {
        std::fs::create_dir(path(dir)).expect("created");
    }
    for file in [".env", ".git/config", ".well-known/x", "sub/index.html", "page"] {
        std::fs::write(path(file), file).expect("written");
    }
    symlink("page", path("link")).expect("linked");
    symlink("/etc/passwd", path("out")).expect("linked");
    assert!(std::process::Command::new("mkfifo").arg(path("pipe")).status().expect("it runs").success());
    let config = path("own.toml");
    std::fs::write(&config, "[api]\ntoken = 'secret'").expect("written");
    std::fs::write(path("roomcast.toml"), "[api]\ntoken = 'secret'").expect("written");
    let args = ["--static".into(), folder.path().as_os_str().to_owned(), "--config".into(), config.into_os_string()];
    let server = Server::without_plugins().args(args).start().await;
    for (path, status) in [
        ("/page", 200),
        ("/link", 200),
        ("/.well-known/x", 200),
        ("/sub", 307),
        ("//sub", 404),
        ("/\\sub", 404),
        ("/.env", 404),
        ("/%2eenv", 404),
        ("/.git/config", 404),
        ("/out", 404),
        ("/pipe", 404),
        ("/own.toml", 404),
        ("/roomcast.toml", 404),
        (&*format!("/{}", "x".repeat(256)), 404),
        ("/page%00", 404),
    ] {
        for method in ["GET", "HEAD"] {
            let answer = server.request(Wire::Http11, method, path, &[]).await;
            assert_eq!(answer.status, status, "{method} {path}: {}", answer.text());
        }
    }
    assert_eq!(server.request(Wire::Http11, "GET", "/sub", &[]).await.header("location"), "/sub/");
}

#[tokio::test]
async fn metrics_count_connections_events_and_calls() {
    let server = Server::without_plugins().start().await;
    let mut ada = server.connect(Wire::Http11, "/sse").await;
    let _bob = server.connect(Wire::Http2, "/sse").await;
    server.publish("__all", "x").await;
    ada.event().await;
    assert_eq!(server.metric("roomcast_connections", "").await, 2.0);
    assert_eq!(server.metric("roomcast_rooms", "").await, 1.0);
    assert_eq!(server.metric("roomcast_connections_opened_total", "").await, 2.0);
    assert_eq!(server.metric("roomcast_events_in_total", "").await, 1.0);
    roomcast_tests::eventually("counted deliveries", || async {
        // Two greetings and two events.
        (server.metric("roomcast_events_out_total", "").await == 4.0).then_some(())
    })
    .await;
    assert!(server.metric("roomcast_bytes_out_total", "").await > 50.0);
}

#[tokio::test]
async fn static_files_are_served_beside_the_stream() {
    let folder = tempfile::tempdir().expect("a folder");
    let inside = folder.path().join("inside");
    std::fs::create_dir(&inside).expect("created");
    std::fs::write(inside.join("index.html"), "<p>hello").expect("written");
    std::fs::write(inside.join("app.js"), "0123456789").expect("written");
    std::fs::write(folder.path().join("secret"), "secret").expect("written");
    let server = Server::without_plugins().args(["--static".into(), inside.into_os_string()]).start().await;

    let page = server.request(Wire::Http11, "GET", "/", &[]).await;
    assert_eq!((page.status, page.text(), page.header("content-type")), (200, "<p>hello", "text/html"));
    assert_eq!(page.header("x-content-type-options"), "nosniff");
    let script = server.request(Wire::Http2, "GET", "/app.js", &[("range", "bytes=2-4")]).await;
    assert_eq!((script.status, script.text(), script.header("content-type")), (206, "234", "text/javascript"));
    for path in ["/../secret", "/..%2fsecret", "/%2e%2e/secret", "/..%5csecret", "//secret", "/missing"] {
        let answer = server.request(Wire::Http11, "GET", path, &[]).await;
        assert_eq!(answer.status, 404, "{path}: {}", answer.text());
        assert!(!answer.text().contains("secret"), "{path}");
    }
    assert_eq!(server.request(Wire::Http11, "POST", "/app.js", &[]).await.status, 405);
    server.connect(Wire::Http11, "/sse").await;
}

#[tokio::test]
async fn embedded_page_is_served_only_with_the_embedded_plugin() {
    let server = Builder::default().start().await;
    let page = server.request(Wire::Http11, "GET", "/", &[]).await;
    assert_eq!((page.status, page.header("content-type")), (200, "text/html; charset=utf-8"));
    assert!(page.text().contains("EventSource"));
    assert!(page.header("content-security-policy").contains("default-src 'none'"));
    let server = Server::without_plugins().start().await;
    assert_eq!(server.request(Wire::Http11, "GET", "/", &[]).await.status, 404);
}
