//! Components that were built for a version of the contract and are never built again: they have to load, and to work.
//! `tests/frozen/README.md` says how they were made; `tests/frozen/0.1.0.c` says what its component does.

use roomcast_tests::{Answer, Builder, Deployed, EventStream, Received, Server, Upstream, Wire, root};

fn component() -> std::path::PathBuf {
    root().join("tests/frozen/0.1.0.wasm")
}

async fn start(entry: &str) -> (Server, Deployed) {
    let file = Deployed::new("frozen", component());
    let server = Builder::default().config("[reload]\nwatch = false").plugin_with(file.path(), entry).start().await;
    (server, file)
}

/// A client's stream, after the event that greets it.
async fn connect(server: &Server, name: &str) -> EventStream {
    let mut stream = server.connect(Wire::Http11, &format!("/sse?name={name}")).await;
    assert_eq!(stream.event_of("hello").await.data, name);
    stream
}

/// What the component answers to a word.
async fn say(server: &Server, client: &EventStream, word: &str) -> String {
    let answer = server.send_message(&client.id(), word).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.text().to_owned()
}

async fn room(server: &Server, method: &str, client: &EventStream, name: &str) -> Answer {
    server.api_call(method, &format!("/v1/connections/{}/rooms/{name}", client.id()), "").await
}

#[tokio::test]
async fn clients_are_let_in_or_not() {
    let (server, _file) = start("").await;
    let refused = server.request(Wire::Http11, "GET", "/sse", &[]).await;
    assert_eq!((refused.status, refused.text()), (401, "a name is needed"));
    let mut ada = connect(&server, "ada").await;
    let bob = connect(&server, "bob").await;
    assert_eq!(server.send_message(&bob.id(), "close").await.status, 202);
    assert_eq!(ada.event_of("gone").await.data, "bob: plugin-closed");
}

#[tokio::test]
async fn every_function_of_the_hub_works() {
    let (server, _file) = start("").await;
    let mut ada = connect(&server, "ada").await;
    let said = say(&server, &ada, "hub").await;
    assert_eq!(said, "1 in a, 1 of 1 on the page, in 4 rooms, to 1, 0 and 1, open 1, error 1");
    let Received { data, id, .. } = ada.event().await;
    assert_eq!((&*data, &*id), ("to a", "7"));
    assert_eq!(ada.event().await.data, "to both");
    assert!(ada.comment().await.contains("a comment"));
}

#[tokio::test]
async fn request_and_answer_are_whole() {
    let (server, _file) = start("").await;
    let headers = [("x-frozen", "old"), ("last-event-id", "7")];
    let answer = server.request_with_body(Wire::Http11, "POST", "/send?a=b", &headers, "request").await;
    assert_eq!((answer.status, answer.header("x-frozen")), (200, "0.1.0"));
    let said = answer.text();
    assert!(said.starts_with("POST /send?a=b from 127.0.0.1:"), "{said}");
    assert!(said.ends_with(", x-frozen old of some 1, last 7, 7 bytes"), "{said}");
    let refused = server.request_with_body(Wire::Http11, "POST", "/send", &[], "reject").await;
    assert_eq!((refused.status, refused.text()), (418, "no"));
    let passed = server.request_with_body(Wire::Http11, "POST", "/send", &[], "what?").await;
    assert_eq!(passed.status, 404, "no plugin takes it");
}

#[tokio::test]
async fn rooms_and_publications_are_decided() {
    let (server, _file) = start("").await;
    let mut ada = connect(&server, "ada").await;
    let refused = room(&server, "PUT", &ada, "private").await;
    assert_eq!(refused.status, 403);
    assert!(refused.text().contains("private is private"), "{}", refused.text());
    assert_eq!(room(&server, "PUT", &ada, "rewritten").await.status, 204);
    assert_eq!(server.publish("rewritten", "news").await, 1);
    assert_eq!(ada.event().await.data, "news, by api");
    assert_eq!(server.api_call("POST", "/v1/rooms/refused/events", "{\"data\":\"x\"}").await.status, 400);
    assert_eq!(room(&server, "DELETE", &ada, "rewritten").await.status, 204);
    assert_eq!(ada.event_of("left").await.data, "rewritten");
}

#[tokio::test]
async fn timers_fire_and_are_cancelled() {
    let (server, _file) = start("").await;
    let mut ada = connect(&server, "ada").await;
    assert_eq!(say(&server, &ada, "timers").await, "cancelled 1, again 0");
    assert_eq!(ada.event_of("timer").await.data, "once");
}

#[tokio::test]
async fn fetches_are_denied_or_delivered() {
    let (server, _file) = start("").await;
    let ada = connect(&server, "ada").await;
    assert_eq!(say(&server, &ada, "fetch http://localhost:1/").await, "not permitted: capabilities.http");

    let mut upstream = Upstream::start().await;
    let (server, _file) = start(&upstream.grant("")).await;
    let mut ada = connect(&server, "ada").await;
    assert_eq!(say(&server, &ada, &format!("fetch {}", upstream.url("/f"))).await, "cancelled 1");
    let mut request = upstream.next_request().await;
    if request.path() != "/f" {
        request = upstream.next_request().await;
    }
    request.start_response(203, &[]).await;
    assert_eq!(ada.event_of("response").await.data, "f: 203");
    request.write_chunk("a piece").await;
    assert_eq!(ada.event_of("chunk").await.data, "a piece");
    request.finish_response().await;
    assert_eq!(ada.event_of("end").await.data, "f: 1");
}

#[tokio::test]
async fn state_is_handed_over() {
    let (server, file) = start("").await;
    let ada = connect(&server, "ada").await;
    assert_eq!(say(&server, &ada, "messages").await, "1");
    file.replace_with_version(component(), "2");
    server.reload("frozen").await;
    assert_eq!(say(&server, &ada, "messages").await, "2");
}
