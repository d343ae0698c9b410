//! `crypto`: hashes and signatures that another implementation has made, whole and damaged, through the `probe` guest.

use roomcast_tests::{Builder, EventStream, Server, Wire, test_guest};
use serde_json::{Value, json};

/// Made by Node.js.
const VECTORS: &str = include_str!("../vectors/crypto.json");
/// One more byte than an argument may have.
const TOO_MANY: usize = (1 << 20) + 1;

fn vectors() -> Value {
    serde_json::from_str(VECTORS).expect("JSON")
}

async fn probe() -> (Server, EventStream) {
    let server = Server::with(test_guest("probe")).start().await;
    let ada = server.connect(Wire::Http11, "/sse").await;
    (server, ada)
}

/// The fields of a command and those that replace some of them.
fn with(command: &Value, changed: &Value) -> Value {
    let mut command = command.clone();
    let fields = command.as_object_mut().expect("an object");
    fields.extend(changed.as_object().expect("an object").clone());
    command
}

/// Other bytes of the same length: the first digit of the base64 is another one.
fn damaged(base64: &Value) -> String {
    let text = base64.as_str().expect("base64");
    format!("{}{}", if text.starts_with('A') { 'B' } else { 'A' }, &text[1..])
}

#[track_caller]
fn refused(outcome: Result<Value, Value>, kind: &str, part: &str) {
    let error = outcome.expect_err("refused");
    assert_eq!(error["kind"], kind, "{error}");
    assert!(error.to_string().contains(part), "{part:?} in {error}");
}

#[tokio::test]
async fn hashes_and_macs_are_those_of_others() {
    let (server, ada) = probe().await;
    let vectors = vectors();
    for known in vectors["hashes"].as_array().expect("a list") {
        let hash = json!({"hash": known["hash"], "key": vectors["mac_key"], "data": vectors["data"]});
        let digest = with(&hash, &json!({"op": "digest"}));
        assert_eq!(server.probe(&ada, digest).await, Ok(known["digest"].clone()), "{hash}");
        let hmac = with(&hash, &json!({"op": "hmac"}));
        assert_eq!(server.probe(&ada, hmac).await, Ok(known["hmac"].clone()), "{hash}");
        let verify = with(&hash, &json!({"op": "verify-hmac", "hmac": known["hmac"]}));
        assert_eq!(server.probe(&ada, verify.clone()).await, Ok(json!(true)), "{hash}");
        for wrong in [damaged(&known["hmac"]), String::new(), "AAAA".repeat(100)] {
            let verify = with(&verify, &json!({"hmac": wrong}));
            let outcome = server.probe(&ada, verify).await;
            assert_eq!(outcome, Ok(json!(false)), "{wrong}");
        }
        let verify = with(&verify, &json!({"key": damaged(&vectors["mac_key"])}));
        assert_eq!(server.probe(&ada, verify).await, Ok(json!(false)), "{hash}");
    }
}

#[tokio::test]
async fn signatures_of_others_are_verified() {
    let (server, ada) = probe().await;
    let vectors = vectors();
    let all = vectors["signatures"].as_array().expect("a list");
    for known in all {
        let verify = with(known, &json!({"op": "verify", "data": vectors["data"]}));
        let name = &known["algorithm"];
        assert_eq!(server.probe(&ada, verify.clone()).await, Ok(json!(true)), "{name}");
        let wrong = [
            json!({"data": damaged(&vectors["data"])}),
            json!({"signature": damaged(&known["signature"])}),
            json!({"signature": ""}),
            json!({"key": ""}),
            json!({"key": "AAAA"}),
            json!({"zeros": 1 << 20}),
        ];
        for changed in wrong {
            let outcome = server.probe(&ada, with(&verify, &changed)).await;
            assert_eq!(outcome, Ok(json!(false)), "{name}: {changed}");
        }
        for other in all.iter().filter(|other| other["algorithm"] != *name) {
            let verify = with(&verify, &json!({"algorithm": other["algorithm"]}));
            assert_eq!(server.probe(&ada, verify).await, Ok(json!(false)), "{name} as {}", other["algorithm"]);
        }
    }
}

#[tokio::test]
async fn what_is_unknown_or_too_large_is_refused() {
    let (server, ada) = probe().await;
    let digest = json!({"op": "digest", "hash": "sha256", "zeros": 1 << 20});
    server.probe(&ada, digest.clone()).await.expect("a hash");
    refused(server.probe(&ada, with(&digest, &json!({"zeros": TOO_MANY}))).await, "invalid-argument", "data");
    refused(
        server.probe(&ada, with(&digest, &json!({"hash": "sha\n3"}))).await,
        "invalid-argument",
        "have `sha\\\\n3`",
    );
    let verify = json!({"op": "verify", "algorithm": "ml-dsa-44", "key": "", "data": "", "signature": ""});
    refused(server.probe(&ada, verify).await, "invalid-argument", "have `ml-dsa-44`");
}

#[tokio::test]
async fn calls_are_charged() {
    let few = "[plugins.limits]\nhost_bytes = \"100KiB\"";
    let server = Builder::default().plugin_with(test_guest("probe"), few).start().await;
    let ada = server.connect(Wire::Http11, "/sse").await;
    let digest = json!({"op": "digest", "hash": "sha256", "zeros": 60 << 10});
    let outcomes =
        server.probe(&ada, json!({"op": "all", "commands": [digest, digest]})).await.expect("both were made");
    assert!(outcomes[0]["ok"].is_string(), "{outcomes}");
    assert_eq!(outcomes[1]["error"]["key"], "limits.host_bytes", "{outcomes}");
}
