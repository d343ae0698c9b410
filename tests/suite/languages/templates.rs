//! What `roomcast new --template` makes is built and passes its own scenarios, in every language. `journey` has the chat.

use super::journey::Project;
use super::{C, Language};

async fn templates(language: Language) {
    let project = Project::begin(language).await;
    for template in ["presence", "dashboard", "board", "llm"] {
        let arguments = ["new", template, "--lang", language.name(), "--template", template];
        project.run(&arguments).await.expect("made");
        project.run(&["build", template]).await.expect("built");
        let tested = project.run(&["test", template, "--no-build"]).await.expect("its scenarios pass");
        assert!(tested.contains("passed"), "{tested}");
    }
}

/// Slow are those whose tools take longer.
mod each {
    use crate::languages::in_every_language;

    in_every_language!(@tests templates: javascript JavaScript, c C);
    in_every_language!(@tests #[ignore = "slow: cargo xtask test --all"] templates:
        rust Rust, typescript TypeScript, python Python, go Go, cpp Cpp);
}

#[tokio::test]
async fn a_template_is_suggested() {
    let project = Project::begin(C).await;
    let said = project.run(&["new", "mine", "--lang", "c", "--template", "bord"]).await.expect_err("there is none");
    assert!(said.contains("similar value exists: 'board'"), "{said}");
    let said = project.run(&["new", "--help"]).await.expect("help");
    assert!(said.contains("presence:") && said.contains("[default: chat]"), "{said}");
}
