//! One chat, whose plugin is replaced by the same one in another language, again and again, under one open stream.

use roomcast_tests::{Builder, Deployed, Wire};
use serde_json::{Value, json};

use super::Language::{self, C, Cpp, Go, JavaScript, Python, Rust, TypeScript};

#[tokio::test]
#[ignore = "slow: cargo xtask test --all"]
async fn state_is_handed_over_between_languages() {
    let file = Deployed::new("lobby", Rust.lobby());
    // For Python, whose instances are the largest and slowest to start.
    let limits = "[plugins.limits]\nmemory = '128MiB'\nstart_deadline = '20s'\ndeadline = '5s'\n";
    let server = Builder::default().config("[reload]\nwatch = false\n").plugin_with(file.path(), limits).start().await;
    let mut ada = server.connect(Wire::Http11, "/sse?name=Ada&room=tea").await;
    let welcome = next(&mut ada, "welcome").await;
    assert_eq!(welcome["people"], json!(["Ada"]));

    let order: [Language; 8] = [JavaScript, Go, C, Python, TypeScript, Cpp, JavaScript, Rust];
    for (number, language) in order.into_iter().enumerate() {
        file.replace_with_version(language.lobby(), &number.to_string());
        let reloaded = server.reload("lobby").await;
        assert!(
            reloaded["state"].as_str().is_some_and(|text| text.contains("handed over")),
            "{language:?}: {reloaded}"
        );
        let name = format!("Bob{number}");
        let mut bob = server.connect(Wire::Http11, &format!("/sse?name={name}&room=tea")).await;
        let welcome = next(&mut bob, "welcome").await;
        assert_eq!((&welcome["count"], &welcome["people"]), (&json!(2), &json!(["Ada", name])), "{language:?}");
        // A client that comes and goes within 250 ms is not announced; its timer was handed over, or set again.
        presence(&mut ada, "joined", &name).await;
        let said = server.send_message(&ada.id(), &format!(r#"{{"type":"say","text":"{language:?} ☕ שלום"}}"#)).await;
        assert_eq!(said.status, 202, "{language:?}: {}", said.text());
        for who in [&mut ada, &mut bob] {
            let chat = next(who, "chat").await;
            assert_eq!((&chat["name"], &chat["text"]), (&json!("Ada"), &json!(format!("{language:?} ☕ שלום"))));
        }
        drop(bob);
        presence(&mut ada, "left", &name).await;
    }
}

/// The next event of this name.
async fn next(stream: &mut roomcast_tests::EventStream, name: &str) -> Value {
    loop {
        let event = stream.event().await;
        if event.event == name {
            return serde_json::from_str(&event.data).expect("JSON");
        }
    }
}

/// Wait until an arrival or a departure is announced to a room.
async fn presence(stream: &mut roomcast_tests::EventStream, what: &str, name: &str) {
    loop {
        let told = next(stream, "presence").await;
        // Several may have come within the time that is gathered.
        if told[what].as_array().expect("a list").contains(&json!(name)) {
            return;
        }
    }
}
