use super::*;

fn stores(dir: &std::path::Path) -> Stores {
    Stores::new(DataConfig { dir: Some(dir.into()) })
}

fn granted(persist: Persistence) -> KeyvalueCapability {
    KeyvalueCapability { persist, ..KeyvalueCapability::default() }
}

fn text(value: Option<Arc<[u8]>>) -> Option<String> {
    value.map(|value| String::from_utf8(value.to_vec()).expect("text"))
}

#[test]
fn a_store_belongs_to_a_name() {
    let folder = tempfile::tempdir().expect("a folder");
    let stores = stores(folder.path());
    for persist in [Persistence::Memory, Persistence::Disk] {
        let open = |name: &str| stores.bucket(name, &granted(persist)).unwrap_or_else(|why| panic!("{why}"));
        open("one").set("key", b"value".into()).expect("within");
        assert_eq!(text(open("one").get("key")).as_deref(), Some("value"), "the next version finds it");
        assert_eq!(open("other").get("key"), None);
    }
    let elsewhere = folder.path().join("keyvalue");
    let mut files: Vec<_> = elsewhere.read_dir().expect("a folder").flatten().map(|entry| entry.file_name()).collect();
    files.sort();
    assert_eq!(files, ["one.redb", "other.redb"], "what is in memory has no file");
}

#[test]
fn names_do_not_leave_the_folder() {
    let folder = tempfile::tempdir().expect("a folder");
    let stores = stores(folder.path());
    for name in ["..", "../x", "/etc/x", "a b", "ü"] {
        stores.bucket(name, &granted(Persistence::Disk)).unwrap_or_else(|why| panic!("{name}: {why}"));
    }
    let entries = folder.path().join("keyvalue").read_dir().expect("a folder");
    assert_eq!((entries.count(), folder.path().read_dir().expect("a folder").count()), (5, 1));
}

#[test]
fn a_file_outlives_the_server_and_memory_does_not() {
    let folder = tempfile::tempdir().expect("a folder");
    for persist in [Persistence::Memory, Persistence::Disk] {
        let first = stores(folder.path());
        let bucket = first.bucket("p", &granted(persist)).expect("opens");
        bucket.set("kept", b"1".into()).expect("within");
        bucket.set("gone", b"1".into()).expect("within");
        bucket.delete("gone");
        drop((first, bucket));
        let second = stores(folder.path());
        let bucket = second.bucket("p", &granted(persist)).expect("opens again");
        let kept = text(bucket.get("kept"));
        assert_eq!(kept.as_deref(), if persist == Persistence::Disk { Some("1") } else { None });
        assert!(!bucket.exists("gone"));
    }
}

#[test]
fn a_file_that_cannot_be_opened_is_named() {
    let folder = tempfile::tempdir().expect("a folder");
    let (one, two) = (stores(folder.path()), stores(folder.path()));
    let disk = granted(Persistence::Disk);
    let _bucket = one.bucket("p", &disk).expect("opens");
    let why = two.bucket("p", &disk).err().expect("one process has it");
    assert!(why.contains("p.redb") && why.contains("another process") && why.contains("data.dir"), "{why}");
    std::fs::write(folder.path().join("keyvalue/damaged.redb"), "no database").expect("written");
    let why = two.bucket("damaged", &disk).err().expect("it is damaged");
    assert!(why.contains("damaged.redb") && why.contains("move it away"), "{why}");
    std::fs::write(folder.path().join("file"), "").expect("written");
    let why = stores(&folder.path().join("file")).bucket("p", &disk).err().expect("no folder");
    assert!(why.contains("cannot be made"), "{why}");
}

#[test]
fn a_swap_fails_after_another_change() {
    let bucket = Stores::new(DataConfig::default()).bucket("p", &granted(Persistence::Memory)).expect("opens");
    let absent = bucket.revision("k");
    assert_eq!(bucket.swap("k", absent, b"1".into()), Ok(Ok(())));
    let now = bucket.revision("k");
    assert_eq!(bucket.swap("k", absent, b"2".into()), Ok(Err(now)));
    assert_eq!(text(bucket.get("k")).as_deref(), Some("1"));
    assert_eq!(bucket.swap("k", now, b"2".into()), Ok(Ok(())));
}

#[test]
fn values_of_get_many_are_bounded() {
    let small = KeyvalueCapability { quota: 1000, ..granted(Persistence::Memory) };
    let bucket = Stores::new(DataConfig::default()).bucket("p", &small).expect("opens");
    bucket.set("k", vec![0; 500]).expect("within");
    assert_eq!(bucket.get_many(&vec!["k".into(); 2]).expect("within").len(), 2);
    assert_eq!(bucket.get_many(&vec!["k".into(); 3]), Err(KeyvalueError::Quota { quota: 1000 }));
}
