//! Real files, changed in all the ways that there are.

use std::fs::{self, File, Permissions};
use std::io::Write;
use std::os::unix::fs::{PermissionsExt, symlink};

use tempfile::TempDir;
use tokio::time::{sleep, timeout};

use super::*;

const DEBOUNCE: Duration = Duration::from_millis(100);

/// Two files in a folder, `a.wasm` and `z.wasm`; the second is there to be changed last.
struct Scene {
    folder: TempDir,
    watcher: Watcher,
    changes: Receiver<Changed>,
}

impl Scene {
    fn new() -> Self {
        Self::of("a.wasm")
    }

    /// The first file lies elsewhere.
    fn of(file: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        fs::write(folder.path().join("a.wasm"), "the first").expect("written");
        fs::write(folder.path().join("z.wasm"), "the first").expect("written");
        let (watcher, changes) = Watcher::start(DEBOUNCE).expect("a thread");
        let scene = Self { folder, watcher, changes };
        scene.watcher.set(&[("a".into(), scene.path(file)), ("z".into(), scene.path("z.wasm"))]);
        scene
    }

    fn path(&self, file: &str) -> PathBuf {
        self.folder.path().join(file)
    }

    fn write(&self, file: &str, content: &str) {
        fs::write(self.path(file), content).expect("written");
    }

    fn make_folder(&self, folder: &str) {
        fs::create_dir_all(self.path(folder)).expect("made");
    }

    fn link(&self, from: &str, to: &str) {
        symlink(to, self.path(from)).expect("made");
    }

    fn rename(&self, from: &str, to: &str) {
        fs::rename(self.path(from), self.path(to)).expect("renamed");
    }

    async fn next(&mut self) -> String {
        let changed = timeout(Duration::from_secs(60), self.changes.recv()).await.expect("a change within a minute");
        changed.expect("the watcher runs").plugin.to_string()
    }

    /// The first file is reported, once.
    async fn reports(&mut self) {
        assert_eq!(self.next().await, "a");
        self.reports_nothing_more("and once").await;
    }

    /// The second is reported next, although the first comes before it in every look.
    async fn reports_nothing_more(&mut self, why: &str) {
        let length = fs::metadata(self.path("z.wasm")).expect("there").len();
        self.write("z.wasm", &"z".repeat(usize::try_from(length).expect("short") + 1));
        assert_eq!(self.next().await, "z", "{why}");
    }
}

#[tokio::test]
async fn written_in_place() {
    let mut scene = Scene::new();
    let mut file = fs::OpenOptions::new().append(true).open(scene.path("a.wasm")).expect("opened");
    file.write_all(b" and more").expect("written");
    scene.reports().await;
    // It is still open.
    file.write_all(b" and more").expect("written");
    scene.reports().await;
}

#[tokio::test]
async fn emptied_and_written() {
    let mut scene = Scene::new();
    let mut file = File::create(scene.path("a.wasm")).expect("emptied");
    file.write_all(b"the second").expect("written");
    drop(file);
    scene.reports().await;
}

#[tokio::test]
async fn renamed_over() {
    let mut scene = Scene::new();
    for content in ["the second", "of the sam", "length too"] {
        scene.write(".a.wasm.unfinished", content);
        scene.rename(".a.wasm.unfinished", "a.wasm");
        scene.reports().await;
    }
}

#[tokio::test]
async fn deleted_and_made_again() {
    let mut scene = Scene::new();
    fs::remove_file(scene.path("a.wasm")).expect("removed");
    scene.reports_nothing_more("there is nothing to load").await;
    scene.write("a.wasm", "the second");
    scene.reports().await;
    // As editors do it, and back again as it was.
    scene.rename("a.wasm", "a.wasm~");
    scene.reports_nothing_more("there is nothing to load").await;
    scene.rename("a.wasm~", "a.wasm");
    scene.reports_nothing_more("it is the same as before").await;
}

#[tokio::test]
async fn made_after_it_is_watched() {
    let mut scene = Scene::of("some/where/new.wasm");
    scene.make_folder("some/where");
    scene.write("some/where/new.wasm", "the first");
    scene.reports().await;
}

#[tokio::test]
async fn a_symlink_is_swapped() {
    let mut scene = Scene::of("link.wasm");
    scene.write("b.wasm", "b");
    scene.link("link.wasm", "a.wasm");
    scene.reports().await;
    scene.link("new", "b.wasm");
    scene.rename("new", "link.wasm");
    scene.reports().await;
    scene.write("a.wasm", "this one is not watched any more");
    scene.reports_nothing_more("the link goes elsewhere").await;
}

#[tokio::test]
async fn the_target_of_a_symlink_is_written() {
    let mut scene = Scene::of("links/link.wasm");
    scene.make_folder("links");
    scene.make_folder("far/away");
    scene.write("far/away/x.wasm", "the first");
    scene.link("links/link.wasm", "../far/away/x.wasm");
    scene.reports().await;
    scene.write("far/away/x.wasm", "the second");
    scene.reports().await;
    scene.write("far/away/unfinished", "the third");
    scene.rename("far/away/unfinished", "far/away/x.wasm");
    scene.reports().await;
}

#[tokio::test]
async fn a_kubernetes_volume_is_updated() {
    let mut scene = Scene::of("volume/x.wasm");
    scene.make_folder("volume/..1");
    scene.write("volume/..1/x.wasm", "the first");
    scene.link("volume/..data", "..1");
    scene.link("volume/x.wasm", "..data/x.wasm");
    scene.reports().await;
    for (version, before) in [("..2", "..1"), ("..3", "..2")] {
        scene.make_folder(&format!("volume/{version}"));
        scene.write(&format!("volume/{version}/x.wasm"), "another");
        scene.link("volume/..data_tmp", version);
        scene.rename("volume/..data_tmp", "volume/..data");
        fs::remove_dir_all(scene.path(&format!("volume/{before}"))).expect("removed");
        scene.reports().await;
    }
}

#[tokio::test]
async fn a_symlink_to_a_folder_is_swapped() {
    let mut scene = Scene::of("current/x.wasm");
    for release in ["releases/1", "releases/2"] {
        scene.make_folder(release);
        scene.write(&format!("{release}/x.wasm"), release);
    }
    scene.link("current", "releases/1");
    scene.reports().await;
    scene.link("new", "releases/2");
    scene.rename("new", "current");
    scene.reports().await;
}

#[tokio::test]
async fn the_folder_is_deleted_and_made_again() {
    let mut scene = Scene::of("folder/below/x.wasm");
    for content in ["the first", "the second one", "the third and last"] {
        scene.make_folder("folder/below");
        scene.write("folder/below/x.wasm", content);
        scene.reports().await;
        scene.write("folder/below/x.wasm", &content.repeat(2));
        scene.reports().await;
        fs::remove_dir_all(scene.path("folder")).expect("removed");
        // Once at once, and twice after it was noticed.
        if content != "the first" {
            scene.reports_nothing_more("there is nothing to load").await;
        }
    }
}

#[tokio::test]
async fn the_folder_is_replaced() {
    let mut scene = Scene::of("folder/x.wasm");
    scene.make_folder("folder");
    scene.write("folder/x.wasm", "the first");
    scene.reports().await;
    scene.make_folder("new");
    scene.write("new/x.wasm", "the second");
    scene.rename("folder", "old");
    scene.rename("new", "folder");
    scene.reports().await;
    scene.write("folder/x.wasm", "the third one");
    scene.reports().await;
    scene.write("old/x.wasm", "this one is not watched any more");
    scene.reports_nothing_more("it is another folder").await;
}

#[tokio::test]
async fn a_change_of_no_content_is_not_reported() {
    let mut scene = Scene::new();
    let path = scene.path("a.wasm");
    let modified = fs::metadata(&path).expect("there").modified().expect("a time");
    fs::set_permissions(&path, Permissions::from_mode(0o400)).expect("set");
    fs::read(&path).expect("readable");
    File::open(&path).expect("opened").set_modified(modified).expect("set");
    fs::hard_link(&path, scene.path("another name")).expect("linked");
    scene.write("another.wasm", "another");
    scene.reports_nothing_more("it is the same as before").await;
}

#[tokio::test]
async fn the_watched_files_are_exchanged() {
    let mut scene = Scene::new();
    scene.write("b.wasm", "the first");
    scene.write("a.wasm", "changed before the list is");
    let list = |scene: &Scene, files: &[&str]| -> Vec<(Arc<str>, PathBuf)> {
        files.iter().map(|file| (file.split('.').next().expect("a name").into(), scene.path(file))).collect()
    };
    scene.watcher.set(&list(&scene, &["a.wasm", "b.wasm", "z.wasm"]));
    scene.reports().await;
    scene.write("b.wasm", "the second");
    assert_eq!(scene.next().await, "b");
    scene.watcher.set(&list(&scene, &["b.wasm", "z.wasm"]));
    scene.write("a.wasm", "this one is not watched any more");
    scene.reports_nothing_more("it is not in the list").await;
    scene.watcher.set(&list(&scene, &["a.wasm", "z.wasm"]));
    scene.reports_nothing_more("it is watched as it is now").await;
}

#[tokio::test]
async fn a_change_that_finds_no_room_is_reported_later() {
    let folder = tempfile::tempdir().expect("a folder");
    let (watcher, mut changes) = Watcher::start(DEBOUNCE).expect("a thread");
    let names: Vec<Arc<str>> = (0..MAX_WAITING + 10).map(|number| number.to_string().into()).collect();
    let files: Vec<_> = names.iter().map(|name| (name.clone(), folder.path().join(&**name))).collect();
    watcher.set(&files);
    for (_, path) in &files {
        fs::write(path, "new").expect("written");
    }
    let full = async {
        while changes.len() < MAX_WAITING {
            sleep(DEBOUNCE).await;
        }
    };
    timeout(Duration::from_secs(60), full).await.expect("they are reported");
    let mut reported = Vec::new();
    for _ in &names {
        let changed = timeout(Duration::from_secs(60), changes.recv()).await.expect("a change").expect("it runs");
        reported.push(changed.plugin);
    }
    reported.sort_by_key(|name| name.parse::<usize>().expect("a number"));
    assert_eq!(reported, names, "each once");
}

#[tokio::test]
async fn the_thread_ends_with_the_watcher() {
    let (watcher, mut changes) = Watcher::start(DEBOUNCE).expect("a thread");
    watcher.set(&[("a".into(), "/nowhere/a.wasm".into())]);
    drop(watcher);
    assert_eq!(changes.recv().await, None);
}
