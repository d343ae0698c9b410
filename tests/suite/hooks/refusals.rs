//! What a plugin says when it refuses: its status and its headers, whichever hook says it.

use roomcast_tests::{Answer, Http2, RequestBody, Server, Wire, test_guest, within_deadline};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::probe;
use crate::on_every_wire;

async fn ask(server: &Server, wire: Wire, command: &Value) -> Answer {
    server.request_with_body(wire, "POST", "/send", &[], command.to_string()).await
}

on_every_wire! {
    /// The client is told what a plugin that has taken its message thinks of it.
    async fn message_is_rejected_with_any_status(wire) {
        let server = probe().await;
        for status in [400, 403, 409, 429, 503] {
            let headers = json!([["retry-after", "3"], ["x-why", "because"]]);
            let reject = json!({"op": "reject", "status": status, "headers": headers, "text": "nö"});
            let answer = ask(&server, wire, &reject).await;
            assert_eq!((answer.status, answer.text()), (status, "nö"));
            assert_eq!((answer.header("retry-after"), answer.header("x-why")), ("3", "because"));
            assert_eq!(answer.header("content-type"), "text/plain; charset=utf-8");
        }
        for status in [100, 200, 204, 302, 600] {
            let answer = ask(&server, wire, &json!({"op": "reject", "status": status})).await;
            assert_eq!(answer.status, 500, "{status} is no rejection");
        }
        // Every plugin has passed it on.
        let passed = ask(&server, wire, &json!({"op": "pass"})).await;
        assert_eq!((passed.status, passed.text()), (404, "no plugin takes this message"));
    }

    /// The type of a body that has none follows from its bytes.
    async fn body_without_a_type_is_text_or_bytes(wire) {
        let server = probe().await;
        let text = ask(&server, wire, &json!({"op": "respond", "status": 200, "text": "ü"})).await;
        assert_eq!((text.header("content-type"), text.text()), ("text/plain; charset=utf-8", "ü"));
        let bytes = ask(&server, wire, &json!({"op": "respond", "status": 200, "base64": "//4A"})).await;
        assert_eq!((bytes.header("content-type"), &bytes.body[..]), ("application/octet-stream", &b"\xff\xfe\0"[..]));
        assert_eq!(bytes.header("x-content-type-options"), "nosniff");
        let own = json!({"op": "respond", "status": 200, "base64": "//4A", "headers": [["content-type", "image/x"]]});
        assert_eq!(ask(&server, wire, &own).await.header("content-type"), "image/x");
    }

    /// A join that the client asks for as it connects: the answer comes in place of the stream.
    async fn join_is_refused_with_any_status(wire) {
        let server = Server::with(test_guest("probe")).config("[endpoint]\nroom_parameter = \"room\"").start().await;
        for status in [401, 403, 409, 429] {
            let answer = server.request(wire, "GET", &format!("/sse?room=private:{status}"), &[]).await;
            assert_eq!((answer.status, answer.header("x-room")), (status, &*format!("private:{status}")));
            assert_eq!(answer.text(), format!("private:{status} is private"));
        }
        assert_eq!(server.request(wire, "GET", "/sse?room=private:204", &[]).await.status, 204);
        assert_eq!(server.connections().await, 0);
        let ada = server.connect(wire, "/sse").await;
        let join = async |room: &str| server.api_call("PUT", &format!("/v1/connections/{}/rooms/{room}", ada.id()), "").await;
        let refused = join("private:409").await;
        assert_eq!((refused.status, refused.header("x-room")), (409, "private:409"));
        assert_eq!(refused.json()["error"], "private:409 is private");
        assert_eq!(join("private:204").await.status, 500, "there is no stream that it could be the answer to");
        assert_eq!(server.metric("roomcast_rooms", "").await, 1.0, "there is the auto-join room alone");
    }
}

#[tokio::test]
async fn publication_is_refused_with_any_status() {
    let server = probe().await;
    for status in [400, 409, 422, 503] {
        let answer = server.api_call("POST", &format!("/v1/rooms/refused:{status}/events"), "{\"data\":\"x\"}").await;
        assert_eq!((answer.status, answer.header("x-room")), (status, &*format!("refused:{status}")));
        assert_eq!(answer.json()["error"], format!("refused:{status} takes no events"));
    }
    for status in [200, 204, 302] {
        let answer = server.api_call("POST", &format!("/v1/rooms/refused:{status}/events"), "{\"data\":\"x\"}").await;
        assert_eq!(answer.status, 500, "{status} would mean that it was delivered");
    }
}

/// `connection: close` of an answer, or of a rejection, ends a connection of HTTP/1 behind it.
#[tokio::test]
async fn connection_close_closes_an_http1_connection() {
    let server = probe().await;
    let close =
        json!({"op": "respond", "status": 200, "headers": [["connection", "close"]], "text": "bye"}).to_string();
    let keep = json!({"op": "respond", "status": 200, "text": "hi"}).to_string();
    let post = |body: &str| format!("POST /send HTTP/1.1\r\nhost: x\r\ncontent-length: {}\r\n\r\n{body}", body.len());
    let reject = "GET /sse?reject=403&body=bye&header=connection:close HTTP/1.1\r\nhost: x\r\n\r\n";
    for last in [post(&close), reject.to_owned()] {
        let mut stream = server.dial().await;
        // The first one leaves the connection open for the second.
        for request in [post(&keep), last] {
            stream.write_all(request.as_bytes()).await.expect("writable");
        }
        let mut answers = String::new();
        within_deadline("two answers and the end", stream.read_to_string(&mut answers)).await.expect("readable");
        let answers = answers.to_ascii_lowercase();
        assert_eq!(answers.matches("http/1.1 ").count(), 2, "{answers}");
        assert_eq!(answers.matches("connection: close\r\n").count(), 1, "{answers}");
        assert!(answers.ends_with("\r\n\r\nbye"), "{answers}");
    }
}

/// HTTP/2 has no such header, and the other streams of the connection go on.
#[tokio::test]
async fn connection_close_is_left_out_over_http2() {
    let server = probe().await;
    let command = json!({"op": "respond", "status": 200, "headers": [["connection", "close"]], "text": "bye"});
    let answer = ask(&server, Wire::Http2, &command).await;
    assert_eq!((answer.status, answer.text(), answer.header("connection")), (200, "bye", ""));
    let mut client = Http2::dial(server.listen, 1 << 20).await;
    client.start_request(1, "GET", "/sse", RequestBody::None).await;
    client.read_until(1, ": connected").await;
    client.start_request(3, "GET", "/sse?reject=403&body=bye&header=connection:close", RequestBody::None).await;
    client.read_until(3, "bye").await;
    server.publish("__all", "on it goes").await;
    client.read_until(1, "data: on it goes").await;
}
