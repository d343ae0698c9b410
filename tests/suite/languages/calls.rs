//! Every function of the host and every hook, from every language, through the guest `probe` in that language.

use roomcast_tests::{Builder, Deployed, EventStream, Server, Upstream, Wire, eventually};
use serde_json::{Value, json};

use super::{Language, in_every_language};

/// Texts that go wrong where bytes, characters and units of UTF-16 are mixed up.
const TEXTS: [&str; 9] = [
    "",
    "plain",
    "Grüße, žluťoučký kůň",
    "Γειά σου Κόσμε",
    "Привет, мир",
    "שלום עולם",
    "नमस्ते दुनिया",
    "你好，世界 こんにちは",
    "😀👩‍👩‍👧 e\u{301} \u{10ffff} \"quoted\\\"",
];

async fn server(language: Language) -> (Server, Deployed) {
    server_with(language, "").await
}

/// One whose plugin is granted this, too.
async fn server_with(language: Language, grant: &str) -> (Server, Deployed) {
    let file = Deployed::new("probe", language.probe());
    let entry = "config = { greeting = 'Grüß dich', empty = '' }\n\
                 [plugins.limits]\nmemory = '256MiB'\ndeadline = '10s'\nstart_deadline = '20s'\nanswer_bytes = '64MiB'\n\
                 [plugins.capabilities.keyvalue]\npersist = 'memory'\n";
    let config = "[server]\nbody_bytes = '16MiB'\n[endpoint]\nroom_parameter = 'room'\n[reload]\nwatch = false\n";
    (Builder::default().config(config).plugin_with(file.path(), &format!("{entry}{grant}")).start().await, file)
}

fn error(outcome: Result<Value, Value>) -> (String, Value) {
    let error = outcome.expect_err("refused");
    (error["kind"].as_str().expect("a kind").to_owned(), error)
}

async fn hub(language: Language) {
    let (server, _file) = server(language).await;
    let mut ada = server.connect(Wire::Http11, "/sse").await;
    let bob = server.connect(Wire::Http11, "/sse").await;
    for text in TEXTS.into_iter().filter(|text| !text.is_empty()) {
        let event = json!({"data": text, "event": "töst", "id": "1.a-b", "retry_ms": 4_294_967_295_u32});
        assert_eq!(
            server.probe(&bob, json!({"op": "send-event", "connection": ada.id(), "event": event})).await,
            Ok(Value::Null)
        );
        let seen = ada.event().await;
        assert_eq!((&*seen.event, &*seen.data, &*seen.id), ("töst", text, "1.a-b"));
        let room = format!("room {}", text.replace('"', "'"));
        assert_eq!(server.probe(&ada, json!({"op": "join", "room": room})).await, Ok(Value::Null));
        assert_eq!(server.probe(&ada, json!({"op": "count", "room": room})).await, Ok(json!(1)));
        let sent = json!({"op": "broadcast", "room": room, "event": {"data": text}});
        assert_eq!(server.probe(&bob, sent).await, Ok(json!(1)));
        assert_eq!(ada.event().await.data, text);
        let except = json!({"op": "broadcast", "room": room, "event": {"data": text}, "except": ada.id()});
        assert_eq!(server.probe(&bob, except).await, Ok(json!(0)));
        let members = server.probe(&bob, json!({"op": "members", "room": room, "limit": 10})).await.expect("a page");
        assert_eq!(members, json!({"members": [ada.id()], "total": 1, "next": null}));
        assert_eq!(server.probe(&ada, json!({"op": "set-tag", "tag": text})).await, Ok(Value::Null));
        assert_eq!(server.probe(&bob, json!({"op": "tag", "connection": ada.id()})).await, Ok(json!(text)));
        assert_eq!(server.probe(&ada, json!({"op": "leave", "room": room})).await, Ok(Value::Null));
        assert_eq!(server.probe(&ada, json!({"op": "rooms-of"})).await, Ok(json!(["__all"])));
    }
    assert_eq!(server.probe(&ada, json!({"op": "set-tag", "tag": null})).await, Ok(Value::Null));
    assert_eq!(server.probe(&ada, json!({"op": "tag"})).await, Ok(Value::Null));
    let many = |duplicates| json!({"op": "broadcast-many", "rooms": ["a", "b"], "event": {"data": "both"}, "duplicates": duplicates});
    for room in ["a", "b"] {
        server.probe(&ada, json!({"op": "join", "room": room})).await.expect("joined");
    }
    assert_eq!(server.probe(&bob, many("drop")).await, Ok(json!(1)));
    assert_eq!(server.probe(&bob, many("keep")).await, Ok(json!(2)));
    assert_eq!(
        server.probe(&bob, json!({"op": "send-comment", "connection": ada.id(), "text": "psst ☕"})).await,
        Ok(Value::Null)
    );
    assert_eq!(server.probe(&bob, json!({"op": "is-open", "connection": ada.id()})).await, Ok(json!(true)));
    assert_eq!(server.probe(&bob, json!({"op": "close", "connection": ada.id()})).await, Ok(Value::Null));
    assert_eq!(server.probe(&bob, json!({"op": "is-open", "connection": ada.id()})).await, Ok(json!(false)));
    refusals(&server, &bob).await;
}

/// What the host refuses comes as an error of the language, of the right kind and with its words.
async fn refusals(server: &Server, bob: &EventStream) {
    let nobody = "0192f3c4-7b1e-4c55-9c0e-2f6d1c1b8a77";
    let cases = [
        (json!({"op": "send-event", "connection": nobody, "event": {"data": "x"}}), "no-such-connection", ""),
        (json!({"op": "join", "connection": nobody, "room": "x"}), "no-such-connection", ""),
        (json!({"op": "join", "room": ""}), "invalid-argument", "room"),
        (json!({"op": "join", "room": "a\u{7}b"}), "invalid-argument", "room"),
        (json!({"op": "send-event", "event": {"data": "x", "event": "a\nb"}}), "invalid-argument", "event.event"),
        (json!({"op": "send-event", "event": {"data": "x", "id": "\u{7}"}}), "invalid-argument", "event.id"),
        (json!({"op": "send-comment", "text": "a\nb"}), "invalid-argument", "text"),
        (json!({"op": "set-tag", "tag": "x".repeat(2000)}), "limit-exceeded", "tag"),
        (json!({"op": "members", "room": "x", "limit": 1_001}), "invalid-argument", "limit"),
        (json!({"op": "set-timer", "delay_ms": 0, "repetition": "once", "token": "x"}), "invalid-argument", "delay"),
        (json!({"op": "fetch-start", "url": "https://example.org/", "token": "x"}), "not-permitted", "http"),
        (json!({"op": "fetch-start", "url": "nonsense", "token": "x"}), "invalid-argument", "url"),
    ];
    for (command, kind, part) in cases {
        let (is, error) = error(server.probe(bob, command.clone()).await);
        assert!(is == kind || (part == "tag" && is == "invalid-argument"), "{command}: {error}");
        assert!(error.to_string().contains(part), "{command}: {part:?} in {error}");
    }
}

async fn hooks(language: Language) {
    let (server, file) = server(language).await;
    for text in TEXTS {
        let command = json!({"op": "fail", "text": text}).to_string();
        let answer = server.request_with_body(Wire::Http11, "POST", "/send", &[], command).await;
        assert_eq!((answer.status, answer.text().trim_end_matches('\n')), (400, text));
    }
    let mut ada = server.connect(Wire::Http11, "/sse?x=%C3%BC&room=tea").await;
    let connect = &server.calls_of("on-connect").await[0];
    assert_eq!((&connect["connection"], &connect["request"]["query"]), (&json!(ada.id()), &json!("x=%C3%BC&room=tea")));
    assert_eq!((&connect["request"]["method"], &connect["request"]["path"]), (&json!("GET"), &json!("/sse")));
    assert_eq!(server.calls_of("on-join").await[0]["room"], "tea");
    assert_eq!(server.calls_of("init").await.len(), 1);

    assert_eq!(server.publish("tea", "Привет").await, 1);
    assert_eq!(ada.event().await.data, "Привет");
    let published = &server.calls_of("on-publish").await[0];
    assert_eq!((&published["room"], &published["event"]["data"]), (&json!("tea"), &json!("Привет")));
    assert!(published["origin"]["api"].is_string(), "{published}");

    let set = json!({"op": "set-timer", "delay_ms": 1, "repetition": "once", "token": "später"});
    server.probe(&ada, set).await.expect("set");
    eventually("the timer", || async {
        (server.calls_of("on-timer").await.first()?["token"] == "später").then_some(())
    })
    .await;
    let set = json!({"op": "set-timer", "delay_ms": 600_000, "repetition": "every", "token": "never"});
    let timer = server.probe(&ada, set).await.expect("set");
    assert_eq!(server.probe(&ada, json!({"op": "cancel-timer", "timer": timer})).await, Ok(json!(true)));
    assert_eq!(server.probe(&ada, json!({"op": "cancel-timer", "timer": timer})).await, Ok(json!(false)));

    file.replace_with_version(language.probe(), "2");
    let reloaded = server.reload("probe").await;
    assert!(reloaded["state"].as_str().is_some_and(|text| text.contains("handed over")), "{reloaded}");
    assert_eq!(server.calls_of("restore").await.len(), 1);
    assert_eq!(server.calls_of("on-connect").await.len(), 1, "what the one before knew");

    let id = ada.id();
    drop(ada);
    let ended =
        eventually("on-disconnect", || async { server.calls_of("on-disconnect").await.into_iter().next() }).await;
    assert_eq!((&ended["connection"], &ended["reason"]), (&json!(id), &json!("client-closed")));
    assert_eq!(server.calls_of("on-leave").await.first().map(|call| call["room"].clone()), Some(json!("tea")));
}

/// Empty texts, and long ones, both ways, as texts and as bytes.
async fn sizes(language: Language) {
    let (server, _file) = server(language).await;
    let ada = server.connect(Wire::Http11, "/sse").await;
    let long = "ü😀\n".repeat(150_000);
    for text in ["", &long] {
        let answer = server.request_with_body(Wire::Http11, "POST", "/send?echo", &[], text.to_owned()).await;
        assert_eq!((answer.status, answer.text() == text), (200, true), "{} bytes", text.len());
        server.probe(&ada, json!({"op": "forget-calls"})).await.expect("forgotten");
    }
    let mut bob = server.connect(Wire::Http11, "/sse").await;
    let event = "x".repeat(60_000);
    server
        .probe(&ada, json!({"op": "send-event", "connection": bob.id(), "event": {"data": event}}))
        .await
        .expect("sent");
    assert_eq!(bob.event().await.data, event);
    server.probe(&ada, json!({"op": "send-event", "connection": bob.id(), "event": {"data": ""}})).await.expect("sent");
    server
        .probe(&ada, json!({"op": "send-event", "connection": bob.id(), "event": {"data": "end"}}))
        .await
        .expect("sent");
    assert!(["", "end"].contains(&&*bob.event().await.data));
    let too_long = json!({"op": "send-event", "connection": bob.id(), "event": {"data": "x".repeat(2 << 20)}});
    assert_eq!(error(server.probe(&ada, too_long).await).0, "limit-exceeded");
}

/// Settings, the log, the store, and what is fetched.
async fn beside_the_hub(language: Language) {
    let mut upstream = Upstream::start().await;
    let (server, _file) = server_with(language, &upstream.grant("")).await;
    let ada = server.connect(Wire::Http11, "/sse").await;
    assert_eq!(server.probe(&ada, json!({"op": "config-get", "key": "greeting"})).await, Ok(json!("Grüß dich")));
    assert_eq!(server.probe(&ada, json!({"op": "config-get", "key": "nothing"})).await, Ok(Value::Null));
    for level in ["info", "warn", "error"] {
        let message = format!("{level}: 你好");
        server.probe(&ada, json!({"op": "log", "level": level, "message": message})).await.expect("logged");
        server.wait_for_log(&message).await;
    }
    for text in TEXTS.into_iter().filter(|text| !text.is_empty()) {
        server.probe(&ada, json!({"op": "kv-set", "key": text, "value": text})).await.expect("set");
        let got = server.probe(&ada, json!({"op": "kv-get", "key": text})).await.expect("got");
        assert_eq!(got, json!(text));
    }
    let start = json!({"op": "fetch-start", "url": upstream.url("/answer"), "token": "frage", "for": ada.id()});
    server.probe(&ada, start).await.expect("started");
    let mut asked = upstream.next_request().await;
    asked.start_response(201, &[("x-shown", "yes")]).await;
    asked.write_chunk("Grüße ☕").await;
    asked.finish_response().await;
    let ended = eventually("on-end", || async { server.calls_of("on-end").await.into_iter().next() }).await;
    assert_eq!(ended["token"], "frage");
    let response = &server.calls_of("on-response").await[0];
    assert_eq!(response["status"], 201);
    let chunks = server.calls_of("on-chunk").await;
    assert!(json!(chunks).to_string().contains("Grüße ☕"), "{chunks:?}");
}

in_every_language!(hub but typescript);
in_every_language!(hooks but typescript);
in_every_language!(#[ignore = "slow: cargo xtask test --all"] sizes but typescript);
in_every_language!(beside_the_hub but typescript);
