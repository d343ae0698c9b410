//! The lobby's scenarios, which say all that it does; and the relay's.

use roomcast_tests::root;

use super::{Language, in_every_language, roomcast};

async fn lobby(language: Language) {
    let scenarios = root().join("plugins/lobby/scenarios");
    let mut command = roomcast();
    command.arg("test").arg(language.lobby()).arg("--scenarios").arg(scenarios);
    let output = tokio::task::spawn_blocking(move || command.output()).await.expect("it ends").expect("it starts");
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}\n{}", String::from_utf8_lossy(&output.stderr));
    assert!(said.contains("48 scenarios: passed"), "all of them were played: {said}");
}

in_every_language!(lobby);

/// The relays that cargo does not build.
#[tokio::test]
async fn relay() {
    for folder in ["plugins/relay-javascript", "plugins/relay-python"] {
        let mut command = roomcast();
        command.arg("test").arg("--no-build").arg(root().join(folder));
        command.arg("--scenarios").arg(root().join("plugins/relay/scenarios"));
        let output = tokio::task::spawn_blocking(move || command.output()).await.expect("it ends").expect("it starts");
        let said = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success(), "{said}\n{}", String::from_utf8_lossy(&output.stderr));
        assert!(said.contains("12 scenarios: passed"), "all of them were played: {said}");
    }
}
