//! The cache of native code breaks while the server runs: it only makes reloads slower.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use roomcast_tests::{Builder, Deployed, GeneratedPlugin, Server, test_guest};

use super::{GOOD, NOT_WATCHED};

/// A server with a cache of its own.
struct Cached {
    server: Server,
    file: Deployed,
    cache: PathBuf,
    _folder: tempfile::TempDir,
}

impl Cached {
    async fn start() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let cache = folder.path().join("native");
        let file = Deployed::new("p", test_guest("rogue"));
        file.replace(GOOD.component());
        let config = format!("{NOT_WATCHED}\n[cache]\ndir = '{}'", cache.display());
        let server = Builder::default().config(&config).plugin(file.path()).start().await;
        Self { server, file, cache, _folder: folder }
    }

    /// Each of two versions is reloaded; how often that took a compiler.
    async fn reload_both(&self) -> usize {
        let compilations = async || self.server.metric("roomcast_plugin_compilations_total", "").await;
        let before = compilations().await;
        for component in [GOOD.component_with("other", "names"), GOOD.component()] {
            self.file.replace(component);
            let reloaded = self.server.reload("p").await;
            assert_eq!(reloaded["outcome"], "reloaded");
        }
        (compilations().await - before) as usize
    }

    fn entries(&self) -> Vec<PathBuf> {
        fs::read_dir(&self.cache).expect("a cache").map(|entry| entry.expect("an entry").path()).collect()
    }
}

fn each(entries: &[PathBuf], damage: impl Fn(&Path)) {
    assert_eq!(entries.len(), 2);
    entries.iter().for_each(|entry| damage(entry));
}

#[tokio::test]
async fn garbage_cache_entries_are_recompiled() {
    let cached = Cached::start().await;
    assert_eq!(cached.reload_both().await, 1);
    assert_eq!(cached.reload_both().await, 0, "both are kept");

    each(&cached.entries(), |entry| fs::write(entry, "garbage").expect("written"));
    assert_eq!(cached.reload_both().await, 2);
    cached.server.wait_for_log("a cache entry is replaced: it is damaged").await;
    assert_eq!(cached.reload_both().await, 0, "they were written again");

    each(&cached.entries(), |entry| {
        let whole = fs::read(entry).expect("readable");
        fs::write(entry, &whole[..whole.len() / 2]).expect("written");
    });
    assert_eq!(cached.reload_both().await, 2);

    // Somebody else could have written them.
    each(&cached.entries(), |entry| {
        fs::set_permissions(entry, Permissions::from_mode(0o666)).expect("changed");
    });
    assert_eq!(cached.reload_both().await, 2);
    cached.server.wait_for_log("others may write to it").await;
    assert_eq!(cached.reload_both().await, 0);

    each(&cached.entries(), |entry| {
        fs::remove_file(entry).expect("removed");
        fs::create_dir(entry).expect("made");
    });
    assert_eq!(cached.reload_both().await, 2);
    cached.server.wait_for_log("native code cannot be kept").await;
}

#[tokio::test]
async fn missing_or_invalid_cache_folder_does_not_fail_a_reload() {
    let cached = Cached::start().await;
    fs::remove_dir_all(&cached.cache).expect("removed");
    assert_eq!(cached.reload_both().await, 2);
    // The compiler may have made it again.
    let _ = fs::remove_dir_all(&cached.cache);
    fs::write(&cached.cache, "a file").expect("written");
    assert_eq!(cached.reload_both().await, 2);
    cached.server.wait_for_log("native code cannot be kept").await;
    // Not even root writes there.
    fs::remove_file(&cached.cache).expect("removed");
    std::os::unix::fs::symlink("/proc/self/nowhere", &cached.cache).expect("linked");
    assert_eq!(cached.reload_both().await, 2);
    assert_eq!(cached.server.status("p").await["state"], "running");
}

#[tokio::test]
async fn next_server_starts_with_leftover_cache_files() {
    let folder = tempfile::tempdir().expect("a folder");
    fs::set_permissions(folder.path(), Permissions::from_mode(0o700)).expect("changed");
    for number in 0..200 {
        fs::write(folder.path().join(format!("{number:064x}.native")), "garbage").expect("written");
        fs::write(folder.path().join(format!("{number}")), "garbage").expect("written");
    }
    let file = Deployed::new("p", test_guest("rogue"));
    file.replace(GeneratedPlugin::default().component());
    let config = format!("{NOT_WATCHED}\n[cache]\ndir = '{}'", folder.path().display());
    let server = Builder::default().config(&config).plugin(file.path()).start().await;
    server.reload("p").await;
    let left = fs::read_dir(folder.path()).expect("a folder").count();
    assert!(left < 400, "what is too much of its own kind was tidied away: {left}");
}
