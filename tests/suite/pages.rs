//! Pages of the server's own origin and of others: what comes in, and what they may read.

use roomcast_tests::{Answer, Server, Wire, test_guest};
use serde_json::json;

use crate::on_every_wire;

/// What a browser sends with a form, or a `fetch` that needs no leave, for a page of another origin.
const FOREIGN: [(&str, &str); 4] = [
    ("origin", "https://evil.example"),
    ("sec-fetch-site", "cross-site"),
    ("content-type", "text/plain"),
    ("cookie", "session=ada"),
];

async fn probe(config: &str) -> Server {
    Server::with(test_guest("probe")).config(config).start().await
}

/// A message, from a page.
async fn post(server: &Server, wire: Wire, headers: &[(&str, &str)]) -> Answer {
    server.request_with_body(wire, "POST", "/send", headers, json!({"op": "calls"}).to_string()).await
}

on_every_wire! {
    /// A page of an origin that is not allowed reaches no plugin, neither by a message nor by a stream.
    async fn cross_site_page_is_rejected(wire) {
        let server = probe("").await;
        for headers in [&FOREIGN[..], &FOREIGN[..1], &[("origin", "null")], &[("sec-fetch-site", "same-site")]] {
            let answer = post(&server, wire, headers).await;
            assert_eq!(answer.status, 403, "{headers:?}: {}", answer.text());
            assert!(answer.text().contains("server.origin") && answer.text().contains("endpoint.allow_origins"));
            assert_eq!(server.request(wire, "GET", "/sse", headers).await.status, 403, "{headers:?}");
        }
        assert!(server.calls_of("on-connect").await.is_empty());
        // Only the question above.
        assert_eq!(server.calls_of("on-message").await.len(), 2);
        assert_eq!(server.metric("roomcast_refusals_total", "address=\"message\",status=\"403\"").await, 4.0);
        assert_eq!(server.metric("roomcast_refusals_total", "address=\"stream\",status=\"403\"").await, 4.0);
    }

    /// The server's own page comes in, and a program that is no browser.
    async fn same_origin_page_is_accepted(wire) {
        let server = probe("").await;
        let own = format!("http://{}", server.listen);
        for headers in [&[][..], &[("origin", &*own)], &[("origin", "https://x.example"), ("sec-fetch-site", "same-origin")], &[("sec-fetch-site", "none")]] {
            assert_eq!(post(&server, wire, headers).await.status, 200, "{headers:?}");
            server.connect_with(wire, "/sse", headers).await;
        }
    }

    /// A page of an allowed origin can read every answer, also refusals, and the connection's id.
    async fn allowed_origin_can_read_every_response(wire) {
        let config = "[endpoint]\nallow_origins = ['https://a.example', 'https://*.b.example']\n\
                      [server]\nbody_bytes = '1KiB'\n[limits]\nconnections_per_address = 1";
        let server = probe(config).await;
        for origin in ["https://a.example", "https://x.b.example"] {
            let page = [("origin", origin), ("sec-fetch-site", "cross-site")];
            let stream = server.connect_with(wire, "/sse", &page).await;
            assert_eq!(stream.headers["access-control-allow-origin"], origin);
            assert_eq!(stream.headers["access-control-expose-headers"], "Roomcast-Connection, Roomcast-Resume, Retry-After");
            let not_acceptable = [page[0], page[1], ("accept", "text/html")];
            let answers = [
                (429, server.request(wire, "GET", "/sse", &page).await),
                (406, server.request(wire, "GET", "/sse", &not_acceptable).await),
                (405, server.request(wire, "PUT", "/sse", &page).await),
                (405, server.request(wire, "GET", "/send", &page).await),
                (413, server.request_with_body(wire, "POST", "/send", &page, vec![b'x'; 2000]).await),
                (400, server.request_with_body(wire, "POST", "/send?connection=x", &page, "x").await),
                (200, post(&server, wire, &page).await),
            ];
            for (status, answer) in answers {
                assert_eq!(answer.status, status, "{}", answer.text());
                assert_eq!(answer.header("access-control-allow-origin"), origin, "{status}");
                assert_eq!(answer.header("access-control-expose-headers"), "Roomcast-Connection, Roomcast-Resume, Retry-After", "{status}");
                assert_eq!(answer.header("vary"), "Origin", "{status}");
            }
            drop(stream);
            server.wait_for_connections(0).await;
        }
        let refused = server.request(wire, "GET", "/sse", &[("origin", "https://b.example")]).await;
        assert_eq!((refused.status, refused.header("vary")), (403, "Origin"), "a star does not stand for nothing");
    }

    /// A preflight is answered, also to those who may not come in: it is their browser that then asks no more.
    async fn preflight_is_answered(wire) {
        let config = "[endpoint]\nallow_origins = ['https://a.example']\nallow_headers = ['X-Token', 'Roomcast-Connection']";
        let server = Server::without_plugins().config(config).start().await;
        for (path, methods) in [("/sse", "GET, HEAD, OPTIONS"), ("/send", "POST, OPTIONS")] {
            let asks = |origin| [("origin", origin), ("sec-fetch-site", "cross-site"), ("access-control-request-method", "POST")];
            let yes = server.request(wire, "OPTIONS", path, &asks("https://a.example")).await;
            assert_eq!((yes.status, yes.header("access-control-allow-methods")), (204, methods));
            assert_eq!(yes.header("access-control-allow-headers"), "X-Token, Roomcast-Connection");
            let no = server.request(wire, "OPTIONS", path, &asks("https://b.example")).await;
            assert_eq!((no.status, no.header("access-control-allow-origin")), (204, ""));
        }
    }
}

#[tokio::test]
async fn page_behind_a_proxy_that_changes_the_host_is_accepted() {
    // As nginx passes a request on that it got for https://chat.example, if it is not told otherwise.
    let inner = ("host", "backend:8080");
    let page = ("origin", "https://chat.example");
    let server = probe("").await;
    let headers = [inner, page, ("sec-fetch-site", "same-origin"), ("cookie", "session=ada")];
    assert_eq!(post(&server, Wire::Http11, &headers).await.status, 200, "the browser says whose page it is");
    assert_eq!(post(&server, Wire::Http11, &[inner, page]).await.status, 403, "an old browser does not");

    let server = probe("[server]\norigin = 'https://chat.example'").await;
    assert_eq!(post(&server, Wire::Http11, &[inner, page]).await.status, 200, "then the configuration does");
    server.connect_with(Wire::Http11, "/sse", &[inner, page]).await;
    assert_eq!(post(&server, Wire::Http11, &[inner, ("origin", "https://evil.example")]).await.status, 403);
}

#[tokio::test]
async fn invalid_origin_is_rejected_at_start() {
    for (config, words) in [
        ("[server]\norigin = 'chat.example'", &["server.origin", "https://example.org"][..]),
        ("[server]\norigin = ['https://a.example/']", &["server.origin", "slash"]),
        ("[endpoint]\nallow_origins = ['https://a*.example']", &["endpoint.allow_origins", "https://*.example.org"]),
        ("[endpoint]\nallow_origins = ['https://bücher.example']", &["endpoint.allow_origins", "xn--"]),
        ("[endpoint]\nallow_headers = ['a b']", &["endpoint.allow_headers", "a b"]),
        ("[endpoint]\nretry = '100ms'", &["endpoint.retry", "500ms"]),
        ("[endpoint]\nrefusal = 'no'", &["endpoint.refusal", "status"]),
    ] {
        let (said, status) = Server::without_plugins().config(config).refuses_to_start().await;
        assert!(!status.success(), "{config}");
        for word in words {
            assert!(said.contains(word), "{word:?} for {config}: {said}");
        }
    }
}
