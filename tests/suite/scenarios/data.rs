//! What is compared: plugins in all languages are to pass the same scenarios.

use serde_json::json;

use super::Folder;

#[test]
fn what_languages_write_differently_is_the_same() {
    let sends = |data: &str| {
        let event = json!({"op": "send-event", "event": {"event": "x", "data": data, "id": "7", "retry_ms": 1500}});
        format!("ada connects\nada sends {event}\n")
    };
    for (data, expected) in [
        ("{\"b\": 1.0, \"a\": [0.30000000000000004, 1e2]}\n", "{\"a\": [0.3, 100], \"b\": 1}"),
        ("{\"b\": 1.0, \"a\": \"\\u00e9\"}", "like \"{\\\"b\\\":*é*\""),
        ("hi\n", "\"hi\""),
        ("hi\n", "\"hi\\n\""),
        ("caf\u{fffd}\u{fffd}!", "\"caf\u{fffd}!\""),
        ("[\"\\ud83d\"]", "[\"\u{fffd}\"]"),
    ] {
        let text = sends(data) + &format!("ada gets x {expected} retry 1500ms id \"7\"");
        let said = Folder::probe().play(&text);
        assert!(said.success, "{data} {expected}\n{}", said.out);
    }
    for open in ["x", "x _", "x _ as data", "x retry _", "x _ id _"] {
        let said = Folder::probe().play(&(sends("hi") + &format!("ada gets {open}")));
        assert!(said.success, "{open}\n{}", said.out);
    }
    Folder::probe().play(&(sends("hi") + "ada gets x \"hi\"")).fails(&["`x` came with another id"]);
    Folder::probe().play(&(sends("hi\n\n") + "ada gets x \"hi\" id _ retry _")).fails(&["other data"]);
}
