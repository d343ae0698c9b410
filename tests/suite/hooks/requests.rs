//! The request that a hook is lent.

use roomcast_tests::{Deployed, Server, Wire, test_guest};
use tokio::io::AsyncWriteExt;

use super::probe;

/// A plugin that reads the query in `on-connect`, and gives the request back unless the query begins with `k`. In `on-join`
/// it reads the query of the request that it was lent before.
const KEEPS_REQUESTS: &str = r#"(component
    (import "roomcast:plugin/types@0.1.0" (instance $types
        (type $id' (record (field "high" u64) (field "low" u64)))
        (export "connection-id" (type $id (eq $id')))
        (type $header (tuple string string))
        (type $rejection' (record (field "status" u16) (field "headers" (list $header)) (field "body" string)))
        (export "rejection" (type $rejection (eq $rejection')))
        (export "request" (type $request (sub resource)))
        (export "[method]request.query" (func (param "self" (borrow $request)) (result (option string))))))
    (alias export $types "connection-id" (type $id))
    (alias export $types "rejection" (type $rejection))
    (alias export $types "request" (type $request))
    (alias export $types "[method]request.query" (func $query))
    (core module $memory
        (memory (export "memory") 1)
        (func (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const 1024)))
    (core instance $memory (instantiate $memory))
    (core func $query (canon lower (func $query)
        (memory (core memory $memory "memory")) (realloc (core func $memory "realloc"))))
    (core func $drop (canon resource.drop $request))
    (core module $m
        (import "host" "memory" (memory 1))
        (import "host" "query" (func $query (param i32 i32)))
        (import "host" "drop" (func $drop (param i32)))
        (global $lent (mut i32) (i32.const 0))
        ;; The option's case is at 64, where its text is at 68; at 16 is 0, which is no error.
        (func (export "connect") (param i64 i64 i32) (result i32)
            (global.set $lent (local.get 2))
            (call $query (local.get 2) (i32.const 64))
            (if (i32.ne (i32.load8_u (i32.load (i32.const 68))) (i32.const 107)) (then (call $drop (local.get 2))))
            (i32.const 16))
        (func (export "join") (param i64 i64 i32 i32) (result i32)
            (call $query (global.get $lent) (i32.const 64))
            (i32.const 16))
        (func (export "leave") (param i64 i64 i32 i32)))
    (core instance $i (instantiate $m (with "host" (instance
        (export "memory" (memory $memory "memory"))
        (export "query" (func $query))
        (export "drop" (func $drop))))))
    (func $connect (param "connection" $id) (param "request" (borrow $request)) (result (result (error $rejection)))
        (canon lift (core func $i "connect") (memory (core memory $memory "memory"))))
    (func $join (param "connection" $id) (param "room" string) (result (result (error $rejection)))
        (canon lift (core func $i "join") (memory (core memory $memory "memory"))
            (realloc (core func $memory "realloc"))))
    (func $leave (param "connection" $id) (param "room" string)
        (canon lift (core func $i "leave") (memory (core memory $memory "memory"))
            (realloc (core func $memory "realloc"))))
    (instance $on-connect (export "on-connect" (func $connect)))
    (instance $room (export "on-join" (func $join)) (export "on-leave" (func $leave)))
    (export "roomcast:plugin/connect@0.1.0" (instance $on-connect))
    (export "roomcast:plugin/room@0.1.0" (instance $room)))"#;

/// A plugin that does not give a request back, or uses one that it has given back, loses its instance: no stream ends, and
/// it learns nothing of another request.
#[tokio::test]
async fn request_is_lent_for_one_call() {
    let file = Deployed::new("keeper", test_guest("probe"));
    file.replace(wat::parse_str(KEEPS_REQUESTS).expect("valid text"));
    let server = Server::with(file.path()).start().await;
    let mut ada = server.connect(Wire::Http11, "/sse?returned").await;

    assert_eq!(server.request(Wire::Http11, "GET", "/sse?kept", &[]).await.status, 503);
    server.wait_for_log("borrow handles still remain at the end of the call").await;
    server.wait_for_status("keeper", "a new instance", |status| status["restarts"] == 1).await;

    let bob = server.connect(Wire::Http2, "/sse?returned").await;
    let used = server.api_call("PUT", &format!("/v1/connections/{}/rooms/tea", bob.id()), "").await;
    assert_eq!(used.status, 503);
    server.wait_for_log("unknown handle index").await;
    server.wait_for_status("keeper", "a new instance", |status| status["restarts"] == 2).await;

    server.connect(Wire::Http11, "/sse?returned").await;
    server.publish("__all", "still here").await;
    assert_eq!(ada.event().await.data, "still here");
}

/// Bytes of a header that are not UTF-8 arrive as U+FFFD, and nothing is left out.
#[tokio::test]
async fn header_that_is_not_utf8_has_replacement_characters() {
    let server = probe().await;
    let mut stream = server.dial().await;
    let head = b"GET /sse HTTP/1.1\r\nhost: x\r\nx-name: caf\xe9!\r\nlast-event-id: \xff7\r\n\r\n";
    stream.write_all(head).await.expect("writable");
    server.wait_for_connections(1).await;
    let request = &server.calls_of("on-connect").await[0]["request"];
    assert!(request["headers"].to_string().contains("[\"x-name\",\"caf\u{fffd}!\"]"), "{request}");
    assert_eq!(request["last_event_id"], "\u{fffd}7");
}
