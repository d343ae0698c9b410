use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use rustix::fs::{CWD, FileType, Mode, mknodat};
use sha2::{Digest, Sha256};
use tempfile::TempDir;
use wasmtime::Engine;
use wasmtime::component::Component;

use super::{Cache, CacheConfig};
use crate::plugin::artifact::compiler::Compiler;
use crate::plugin::artifact::folder::Folder;
use crate::plugin::artifact::native::{Key, SEAL, seal};

fn component(number: u32) -> Vec<u8> {
    let text = format!(
        "(component (core module $m (func (export \"f\") (result i32) i32.const {number})) (core instance $i (instantiate $m))
           (func (export \"f\") (result s32) (canon lift (core func $i \"f\"))))"
    );
    wat::parse_str(text).expect("a valid component")
}

fn answer(engine: &Engine, component: &Component) -> i32 {
    let mut store = wasmtime::Store::new(engine, ());
    let instance = wasmtime::component::Linker::new(engine).instantiate(&mut store, component).expect("instantiable");
    instance.get_typed_func::<(), (i32,)>(&mut store, "f").expect("the function").call(&mut store, ()).expect("runs").0
}

/// What the cache makes of a component, run.
fn ask(dir: &Path, engine: &Engine, number: u32) -> i32 {
    let cache = Cache::open(&CacheConfig { enabled: true, dir: Some(dir.into()) }, Compiler::in_this_process());
    let bytes = component(number);
    let hash = Sha256::digest(&bytes).into();
    answer(engine, &cache.component(engine, &bytes, hash).expect("compiles"))
}

fn entries(dir: &Path) -> Vec<PathBuf> {
    let mut found: Vec<_> = fs::read_dir(dir).expect("a folder").map(|entry| entry.expect("an entry").path()).collect();
    found.sort();
    found
}

fn folder() -> (TempDir, PathBuf) {
    let parent = tempfile::tempdir().expect("a folder");
    let dir = parent.path().join("made/roomcast");
    (parent, dir)
}

#[test]
fn code_is_kept_and_found_again() {
    let (_parent, dir) = folder();
    let engine = Engine::default();
    assert_eq!(ask(&dir, &engine, 7), 7);
    let [entry] = &entries(&dir)[..] else { panic!("one entry") };
    assert_eq!(fs::metadata(&dir).expect("made").permissions().mode() & 0o777, 0o700);
    assert_eq!(fs::metadata(entry).expect("made").permissions().mode() & 0o777, 0o600);

    // That it is found shows by what it answers: native code of another component, put under this one's name.
    let other = Component::from_binary(&engine, &component(8)).and_then(|other| other.serialize()).expect("compiles");
    let key = Key::of_component(Sha256::digest(component(7)).into(), &engine);
    fs::write(entry, seal(&key, &other)).expect("written");
    assert_eq!(ask(&dir, &engine, 7), 8);
}

#[test]
fn damage_is_found_and_repaired() {
    let (_parent, dir) = folder();
    let engine = Engine::default();
    assert_eq!(ask(&dir, &engine, 7), 7);
    let entry = entries(&dir).remove(0);
    let sound = fs::read(&entry).expect("an entry");
    let damaged = |at: usize| {
        let mut bytes = sound.clone();
        bytes[at] ^= 1;
        bytes
    };
    let cases = [
        Vec::new(),
        b"not native code".to_vec(),
        sound[..SEAL].to_vec(),
        sound[..sound.len() - 1].to_vec(),
        [&sound[..], b"x"].concat(),
        damaged(0),
        damaged(20),
        damaged(60),
        damaged(SEAL),
        damaged(sound.len() - 1),
    ];
    for case in cases {
        fs::write(&entry, &case).expect("written");
        assert_eq!(ask(&dir, &engine, 7), 7);
        assert!(fs::read(&entry).expect("an entry") == sound, "it was replaced");
    }
}

#[test]
fn anothers_entry_is_not_taken() {
    let (_parent, dir) = folder();
    let engine = Engine::default();
    ask(&dir, &engine, 7);
    let seven = entries(&dir).remove(0);
    ask(&dir, &engine, 8);
    let eight = entries(&dir).into_iter().find(|entry| *entry != seven).expect("a second entry");
    fs::copy(eight, seven).expect("copied");
    assert_eq!(ask(&dir, &engine, 7), 7);
}

#[test]
fn a_folder_that_others_may_write_to_is_not_used() {
    let (_parent, dir) = folder();
    fs::create_dir_all(&dir).expect("made");
    fs::set_permissions(&dir, fs::Permissions::from_mode(0o777)).expect("set");
    assert_eq!(ask(&dir, &Engine::default(), 7), 7);
    assert!(entries(&dir).is_empty());
}

#[test]
fn a_folder_that_others_may_exchange_is_not_used() {
    let (parent, dir) = folder();
    for (mode, used) in [(0o777, false), (0o1777, true)] {
        fs::set_permissions(parent.path(), fs::Permissions::from_mode(mode)).expect("set");
        assert_eq!(ask(&dir, &Engine::default(), 7), 7);
        assert_eq!(!entries(&dir).is_empty(), used, "{mode:o}");
    }
    fs::set_permissions(parent.path(), fs::Permissions::from_mode(0o777)).expect("set");
    let why = Folder::open(&dir).err().expect("refused").to_string();
    assert!(why.contains(parent.path().to_str().expect("text")) && why.contains("chmod"), "{why}");
}

#[test]
fn a_pipe_in_an_entrys_place_is_not_waited_for() {
    let (_parent, dir) = folder();
    let engine = Engine::default();
    ask(&dir, &engine, 7);
    let entry = entries(&dir).remove(0);
    fs::remove_file(&entry).expect("removed");
    mknodat(CWD, &entry, FileType::Fifo, Mode::RUSR | Mode::WUSR, 0).expect("a pipe");
    assert_eq!(ask(&dir, &engine, 7), 7);
    assert!(fs::metadata(&entry).expect("an entry").is_file(), "it was replaced");
}

#[test]
fn a_file_that_others_may_write_to_is_replaced() {
    let (_parent, dir) = folder();
    let engine = Engine::default();
    ask(&dir, &engine, 7);
    let entry = entries(&dir).remove(0);
    fs::set_permissions(&entry, fs::Permissions::from_mode(0o666)).expect("set");
    assert_eq!(ask(&dir, &engine, 7), 7);
    assert_eq!(fs::metadata(&entry).expect("an entry").permissions().mode() & 0o777, 0o600);
}

#[test]
fn it_can_be_off_and_it_can_fail() {
    let (_parent, dir) = folder();
    let engine = Engine::default();
    let bytes = component(7);
    let off = Cache::open(&CacheConfig { enabled: false, dir: Some(dir.clone()) }, Compiler::in_this_process());
    assert_eq!(answer(&engine, &off.component(&engine, &bytes, Sha256::digest(&bytes).into()).expect("compiles")), 7);
    assert!(!dir.exists());
    assert_eq!(ask(Path::new("/dev/null/x"), &engine, 7), 7);
}

#[test]
fn it_does_not_grow_without_end() {
    let (_parent, dir) = folder();
    let folder = Folder::open(&dir).expect("a folder");
    let name = |number| format!("{number}.native");
    for number in 0..64 {
        folder.put(&name(number), b"x").expect("written");
    }
    folder.get(&name(0)).expect("readable").expect("there");
    for number in 64..70 {
        folder.put(&name(number), b"x").expect("written");
    }
    assert_eq!(entries(&dir).len(), 64);
    assert!(folder.get(&name(0)).expect("readable").is_some(), "it was used lately");
    assert!(folder.get(&name(1)).expect("readable").is_none());
}

#[test]
fn what_killed_processes_leave_goes() {
    let (_parent, dir) = folder();
    let folder = Folder::open(&dir).expect("a folder");
    let left = |number: u64, seconds| {
        let path = dir.join(format!("{number}.native.1-{number}.unfinished"));
        let modified = SystemTime::now() - Duration::from_secs(seconds);
        fs::File::create(&path).and_then(|file| file.set_modified(modified)).expect("left");
        path
    };
    let (old, young) = (left(0, 3_700), left(1, 1));
    folder.put("a.native", b"x").expect("written");
    assert!(!old.exists() && young.exists(), "a living process may still write the young one");
    (2..50).for_each(|number| drop(left(number, 2)));
    folder.put("a.native", b"x").expect("written");
    assert!(young.exists());
    assert_eq!(fs::read_dir(&dir).expect("readable").count(), 17, "16 of them, and the entry");
}
