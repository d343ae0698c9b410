//! Plugins without an SDK: the project that `roomcast new --lang wit` begins, and the contract as `roomcast wit` writes it.

use std::path::Path;
use std::process::Command;

use roomcast_tests::{binary, without_settings};
use wit_parser::Resolve;

fn roomcast(folder: &Path, arguments: &[&str]) -> String {
    let mut command = Command::new(binary());
    without_settings(&mut command);
    command.current_dir(folder).args(arguments).env("XDG_CACHE_HOME", folder.join("cache"));
    let output = command.output().expect("it starts");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert!(output.status.success(), "{arguments:?}\n{}\n{}", text(&output.stdout), text(&output.stderr));
    text(&output.stdout)
}

#[test]
fn project_for_any_language_works_without_a_compiler() {
    let folder = tempfile::tempdir().expect("a folder");
    let said = roomcast(folder.path(), &["new", "my-chat", "--lang", "wit"]);
    assert!(said.contains("plugin.wat") && said.contains("my-chat/wit"), "{said}");
    let built = roomcast(folder.path(), &["build", "my-chat"]);
    assert!(built.contains("hooks: connect, message"), "{built}");
    let tested = roomcast(folder.path(), &["test", "my-chat", "--no-build"]);
    assert!(tested.contains("3 scenarios: passed"), "{tested}");
    let refreshed = roomcast(folder.path(), &["sdk", "my-chat"]);
    assert!(refreshed.contains("wit/deps") && !refreshed.contains("for example"), "it has a world: {refreshed}");
}

#[test]
fn contract_is_laid_out_as_tools_read_it() {
    let folder = tempfile::tempdir().expect("a folder");
    roomcast(folder.path(), &["wit", "contract"]);
    let wit = folder.path().join("contract");
    let world = "package local:plugin;\nworld it {\n  include roomcast:plugin/plugin@0.1.0;\n  \
                 include roomcast:plugin/capabilities@0.1.0;\n  include roomcast:plugin/drafts@0.1.0;\n}\n";
    std::fs::write(wit.join("world.wit"), world).expect("written");
    let mut resolve = Resolve::default();
    let (package, _) = resolve.push_path(&wit).expect("all that it names is there");
    let world = resolve.select_world(&[package], Some("it")).expect("the world");
    assert_eq!(resolve.worlds[world].exports.len(), 9, "every hook");
}
