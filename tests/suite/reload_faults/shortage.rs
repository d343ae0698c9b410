//! The system is short of something when a file has changed: the reload is retried without an operator.

use std::process::Command;

use roomcast_tests::{Builder, Deployed, Server, Wire, test_guest};

/// Set how many files the server may have open.
fn allow_files(server: &Server, files: u32) {
    let id = server.child.id().expect("a running child").to_string();
    let limit = format!("--nofile={files}:");
    let status = Command::new("prlimit").args(["--pid", &id, &limit]).status().expect("prlimit runs");
    assert!(status.success());
}

#[tokio::test]
async fn file_not_opened_for_lack_of_descriptors_is_loaded_later() {
    let file = Deployed::new("p", test_guest("probe"));
    let config = "[reload]\ndebounce = '10ms'";
    let server = Builder::default().config(config).plugin(file.path()).start().await;
    let mut ada = server.connect(Wire::Http11, "/sse?join=tea").await;
    // As many as the standard streams: all others that are open stay so.
    allow_files(&server, 3);
    file.replace_with_version(test_guest("probe"), "next");
    server.wait_for_log("the reload will be tried again: in 1s").await;
    allow_files(&server, 1000);
    server.wait_for_status("p", "the new version", |status| status["generation"] == 2).await;
    assert_eq!(server.publish("tea", "fine").await, 1);
    assert_eq!(ada.event().await.data, "fine");
}
