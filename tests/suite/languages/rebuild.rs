//! Built again: not if nothing has changed, and to the same bytes if it has to be.

use std::fs;

use super::journey::Project;
use super::{Language, in_every_language};

async fn rebuild(language: Language) {
    let project = Project::begin(language).await;
    project.run(&["build", "my-chat"]).await.expect("built");
    let component = project.path().join("build/my-chat.wasm");
    let first = fs::read(&component).expect("built");
    let again = project.run(&["build", "my-chat"]).await.expect("built");
    assert!(again.contains("my-chat.wasm is up to date"), "{again}");

    for folder in ["build", "target"].map(|name| project.path().join(name)) {
        if folder.exists() {
            fs::remove_dir_all(folder).expect("removed");
        }
    }
    let again = project.run(&["build", "my-chat"]).await.expect("built");
    assert!(!again.contains("up to date"), "{again}");
    // componentize-py has CPython draw the seed of its hashes while it is made into a component.
    let is_reproducible = language != Language::Python;
    assert!(!is_reproducible || fs::read(&component).expect("built") == first, "the same source, the same bytes");

    project.rename_greeting();
    let again = project.run(&["build", "my-chat"]).await.expect("built");
    assert!(!again.contains("up to date"), "{again}");
    assert!(fs::read(&component).expect("built") != first);
}

in_every_language!(
    #[ignore = "slow: cargo xtask test --all"]
    rebuild
);
