//! What is served of a folder, and what is not.

use std::fs;
use std::os::unix::fs::symlink;

use super::*;

/// A folder `inside` with one file of each kind, beside what is not served.
fn folder() -> (tempfile::TempDir, ServedFolder) {
    let dir = tempfile::tempdir().expect("a folder");
    let inside = dir.path().join("inside");
    fs::create_dir_all(inside.join(".git")).expect("created");
    fs::create_dir_all(inside.join(".well-known")).expect("created");
    fs::create_dir(inside.join("sub")).expect("created");
    for file in ["page", "server.conf", ".env", ".git/config", ".well-known/x", ".well-known/.y", "sub/roomcast.toml"] {
        fs::write(inside.join(file), file).expect("written");
    }
    fs::write(dir.path().join("outside"), "secret").expect("written");
    symlink("page", inside.join("link")).expect("linked");
    symlink(inside.join("sub/../page"), inside.join("absolute")).expect("linked");
    symlink(".env", inside.join("named")).expect("linked");
    symlink("../outside", inside.join("out")).expect("linked");
    symlink("/etc", inside.join("etc")).expect("linked");
    symlink("loop", inside.join("loop")).expect("linked");
    symlink("server.conf", inside.join("conf")).expect("linked");
    fs::hard_link(inside.join("server.conf"), inside.join("copy")).expect("linked");
    rustix::fs::mknodat(
        rustix::fs::CWD,
        inside.join("pipe"),
        rustix::fs::FileType::Fifo,
        rustix::fs::Mode::RUSR | rustix::fs::Mode::WUSR,
        0,
    )
    .expect("a pipe");
    let folder = ServedFolder::new(&inside, Some(&inside.join("server.conf"))).expect("a folder");
    (dir, folder)
}

fn read(folder: &ServedFolder, name: &str) -> io::Result<String> {
    let path = folder.path().join(name);
    let file = folder.find(&path).and_then(FoundFile::open).map_err(or_missing)?;
    io::read_to_string(file)
}

#[test]
fn files_and_links_to_them_are_served() {
    let (_dir, folder) = folder();
    for (name, content) in [
        ("page", "page"),
        ("link", "page"),
        ("absolute", "page"),
        ("named", ".env"),
        (".well-known/x", ".well-known/x"),
    ] {
        assert_eq!(read(&folder, name).unwrap_or_else(|why| panic!("{name}: {why}")), content);
    }
    assert!(folder.find(&folder.path().join("sub")).expect("a folder").metadata.is_folder);
    assert!(folder.find(folder.path()).expect("a folder").metadata.is_folder);
}

#[test]
fn nothing_else_is() {
    let (_dir, folder) = folder();
    let long = "x".repeat(300);
    for name in [
        "missing",
        ".env",
        ".git/config",
        ".git",
        "sub/.env",
        ".well-known/.y",
        "sub/.well-known",
        "out",
        "etc/passwd",
        "../outside",
        "loop",
        "pipe",
        "page/x",
        "nul\0",
        &long,
        "server.conf",
        "conf",
        "copy",
        "sub/roomcast.toml",
    ] {
        let outcome = read(&folder, name);
        assert_eq!(outcome.map_err(|why| why.kind()), Err(io::ErrorKind::NotFound), "{name:?}");
    }
}

#[test]
fn a_link_that_is_changed_meanwhile_leads_nowhere() {
    let (dir, folder) = folder();
    let found = folder.find(&folder.path().join("page")).expect("found");
    fs::remove_file(folder.path().join("page")).expect("removed");
    symlink(dir.path().join("outside"), folder.path().join("page")).expect("linked");
    assert!(found.open().is_err());
    let found = folder.find(&folder.path().join("sub")).expect("found");
    assert!(found.open().is_err(), "a folder is no file");
}

#[test]
fn the_folder_may_be_a_link_that_changes() {
    let (dir, _) = folder();
    let (current, next) = (dir.path().join("current"), dir.path().join("next"));
    symlink("inside", &current).expect("linked");
    let folder = ServedFolder::new(&current, None).expect("a folder");
    assert_eq!(read(&folder, "page").expect("served"), "page");
    fs::create_dir(&next).expect("created");
    fs::write(next.join("page"), "new").expect("written");
    fs::remove_file(&current).expect("removed");
    symlink("next", &current).expect("linked");
    assert_eq!(read(&folder, "page").expect("served"), "new");
}
