//! Hostile input from a client, to plugins in every language: only its sender gets an error.

use roomcast_tests::{Builder, Deployed, Server, Wire};
use serde_json::json;

use super::{Language, in_every_language};

/// Bodies that go wrong in parsers, and in languages whose strings are not UTF-8.
fn bodies() -> Vec<Vec<u8>> {
    let nested = |open: &str, close: &str, depth: usize| format!("{}1{}", open.repeat(depth), close.repeat(depth));
    let say = |text: &str| format!(r#"{{"type":"say","text":{text}}}"#);
    let texts = [
        nested("[", "]", 5_000),
        nested("[", "]", 100_000),
        nested(r#"{"a":"#, "}", 5_000),
        nested(r#"{"a":"#, "}", 100_000),
        "[".repeat(200_000),
        say(&nested("[", "]", 5_000)),
        say(&"9".repeat(100_000)),
        say("1e999999999"),
        say("-0"),
        say(r#""\ud800""#),
        say(r#""\udc00\ud800 half""#),
        say(r#""\u0000""#),
        say("null"),
        say(r#"{"__proto__":{"toString":1}}"#),
        r#"{"type":null}"#.into(),
        r#"{"type":{"type":{}},"text":[]}"#.into(),
        r#"{"type":"__proto__","text":"x"}"#.into(),
        r#"{"op":"respond"}"#.into(),
        "null".into(),
        "0".into(),
        "\"\"".into(),
        String::new(),
        "\u{0}".into(),
        "\u{feff}{}".into(),
        "NaN".into(),
        "9".repeat(100_000),
        "\"".repeat(100_001),
        "\\".repeat(100_001),
    ];
    let bytes = [
        &b"caf\xe9"[..],
        b"\xff\xfe\x00",
        b"{\"type\":\"say\",\"text\":\"caf\xe9\"}",
        b"\"\xed\xa0\x80\"",
        b"\xf0\x9f",
    ];
    texts.map(String::into_bytes).into_iter().chain(bytes.map(<[u8]>::to_vec)).collect()
}

async fn send_all(server: &Server, id: &str) {
    for body in bodies() {
        for headers in [&[("roomcast-connection", id)][..], &[]] {
            let answer = server.request_with_body(Wire::Http11, "POST", "/send", headers, body.clone()).await;
            let shown = String::from_utf8_lossy(&body[..body.len().min(60)]).into_owned();
            let is_answer = (200..500).contains(&answer.status) || answer.status == 500;
            assert!(is_answer, "{shown}: {} {}", answer.status, answer.text());
        }
    }
}

/// It is the instance that was there at first, and it has not failed.
async fn is_unharmed(server: &Server, plugin: &str) {
    let status = server.status(plugin).await;
    let seen = ["generation", "traps", "restarts", "timeouts"].map(|field| status[field].as_u64());
    assert_eq!(seen, [Some(1), Some(0), Some(0), Some(0)], "{status}\n{}", server.log());
}

async fn started(file: &Deployed) -> Server {
    let entry =
        "[plugins.limits]\nmemory = '256MiB'\ndeadline = '20s'\nstart_deadline = '20s'\nanswer_bytes = '64MiB'\n";
    Builder::default().config("[reload]\nwatch = false\n").plugin_with(file.path(), entry).start().await
}

async fn a_lobby(language: Language) {
    let file = Deployed::new("lobby", language.lobby());
    let server = started(&file).await;
    let mut ada = server.connect(Wire::Http11, "/sse?name=Ada").await;
    let eve = server.connect(Wire::Http11, "/sse?name=%ffEve&room=caf%e9").await;
    send_all(&server, &eve.id()).await;
    is_unharmed(&server, "lobby").await;
    // Ada is still known by her name, and to others in her room.
    let bob = server.connect(Wire::Http11, "/sse?name=Bob").await;
    let answer = server.send_message(&bob.id(), &json!({"type": "say", "text": "unharmed"}).to_string()).await;
    assert!((200..300).contains(&answer.status), "{}", answer.text());
    while !ada.event().await.data.contains("unharmed") {}
    let answer = server.send_message(&ada.id(), &json!({"type": "say", "text": "me too"}).to_string()).await;
    assert!((200..300).contains(&answer.status), "{}", answer.text());
    let mut told = ada.event_of("chat").await;
    while !told.data.contains("me too") {
        told = ada.event_of("chat").await;
    }
    assert!(told.data.contains("\"Ada\""), "{}", told.data);
}

async fn a_probe(language: Language) {
    let file = Deployed::new("probe", language.probe());
    let server = started(&file).await;
    let ada = server.connect(Wire::Http11, "/sse").await;
    send_all(&server, &ada.id()).await;
    is_unharmed(&server, "probe").await;
    assert_eq!(server.calls_of("on-connect").await.len(), 1, "it knows what was before");
}

/// In a language that can go on after a mistake of its plugin's author, the one who has brought it about gets 500.
async fn a_fault(language: Language) {
    let file = Deployed::new("probe", language.probe());
    let server = started(&file).await;
    let ada = server.connect(Wire::Http11, "/sse").await;
    for _ in 0..20 {
        let answer = server.send_message(&ada.id(), "{\"op\":\"throw\"}").await;
        assert_eq!((answer.status, answer.text()), (500, "the plugin has failed"));
    }
    is_unharmed(&server, "probe").await;
    assert_eq!(server.calls_of("on-connect").await.len(), 1, "it knows what was before");
}

in_every_language!(#[ignore = "slow: cargo xtask test --all"] a_fault: javascript JavaScript, python Python, go Go);
in_every_language!(
    #[ignore = "slow: cargo xtask test --all"]
    a_lobby
);
in_every_language!(#[ignore = "slow: cargo xtask test --all"] a_probe but typescript);
