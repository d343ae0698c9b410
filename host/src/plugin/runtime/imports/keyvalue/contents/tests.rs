use super::*;

const PAIR_OF_ONE: usize = 1 + 1 + PAIR_OVERHEAD;

fn granted(quota: usize) -> KeyvalueCapability {
    KeyvalueCapability { quota, key_bytes: 4, ..KeyvalueCapability::default() }
}

fn keys(page: &KeyPage) -> Vec<&str> {
    page.keys.iter().map(String::as_str).collect()
}

#[test]
fn the_quota_is_for_all_and_comes_back() {
    let (mut contents, granted) = (Contents::in_memory(), granted(2 * PAIR_OF_ONE));
    assert_eq!(contents.set("a", b"1".into(), &granted), Ok(()));
    assert_eq!(contents.set("b", b"1".into(), &granted), Ok(()));
    let full = Err(KeyvalueError::Quota { quota: 2 * PAIR_OF_ONE });
    assert_eq!(contents.set("c", b"".into(), &granted), full);
    assert_eq!(contents.set("a", b"22".into(), &granted), full, "a longer value");
    assert_eq!(contents.get("a").as_deref(), Some(&b"1"[..]), "what is refused changes nothing");
    assert_eq!(contents.set("a", b"2".into(), &granted), Ok(()), "another value of the same length");
    contents.delete("b");
    contents.delete("b");
    assert_eq!(contents.bytes(), PAIR_OF_ONE);
    assert_eq!(contents.set("c", b"1".into(), &granted), Ok(()));
    contents.delete("a");
    contents.delete("c");
    assert_eq!(contents.bytes(), 0);
}

#[test]
fn beyond_a_lowered_quota_a_store_may_shrink() {
    let mut contents = Contents::in_memory();
    contents.set("a", vec![0; 1000], &granted(2000)).expect("within");
    assert!(contents.set("b", vec![0; 1], &granted(500)).is_err());
    assert_eq!(contents.set("a", vec![0; 900], &granted(500)), Ok(()), "it is less than before");
}

#[test]
fn keys_are_bounded() {
    let (mut contents, granted) = (Contents::in_memory(), granted(10_000));
    assert_eq!(contents.set("12345", Vec::new(), &granted), Err(KeyvalueError::Key { limit: 4 }));
    assert_eq!(contents.set("1234", Vec::new(), &granted), Ok(()));
    assert_eq!(contents.set("", Vec::new(), &granted), Ok(()));
}

#[test]
fn numbers_are_text() {
    let (mut contents, granted) = (Contents::in_memory(), granted(10_000));
    assert_eq!(contents.increment("n", 5, &granted), Ok(5));
    assert_eq!(contents.increment("n", -7, &granted), Ok(-2));
    assert_eq!(contents.get("n").as_deref(), Some(&b"-2"[..]));
    contents.set("n", i64::MAX.to_string().into(), &granted).expect("within");
    assert_eq!(contents.increment("n", 1, &granted), Err(KeyvalueError::Sum));
    for nonsense in ["", "1.5", "x", " 1"] {
        contents.set("n", nonsense.into(), &granted).expect("within");
        assert_eq!(contents.increment("n", 1, &granted), Err(KeyvalueError::NoNumber), "{nonsense:?}");
    }
}

#[test]
fn each_change_has_a_revision_of_its_own() {
    let (mut contents, granted) = (Contents::in_memory(), granted(10_000));
    let absent = contents.revision("a");
    assert_eq!(absent, contents.revision("b"));
    contents.set("a", b"1".into(), &granted).expect("within");
    let first = contents.revision("a");
    contents.set("a", b"1".into(), &granted).expect("within");
    assert!(![absent, first].contains(&contents.revision("a")), "the same value again is another state");
    contents.delete("a");
    assert_eq!(contents.revision("a"), absent);
}

#[test]
fn pages_follow_each_other() {
    let (mut contents, granted) = (Contents::in_memory(), granted(1 << 20));
    assert!(contents.keys(None).keys.is_empty());
    for number in 0..=MAX_PAGE_KEYS {
        contents.set(&format!("{number:04}"), Vec::new(), &granted).expect("within");
    }
    let first = contents.keys(None);
    assert!(first.more && first.keys.len() == MAX_PAGE_KEYS);
    let second = contents.keys(first.keys.last().map(String::as_str));
    assert_eq!((keys(&second), second.more), (vec!["1000"], false));
    assert!(contents.keys(Some("x")).keys.is_empty(), "a cursor of one's own making");
    let long = KeyvalueCapability { key_bytes: MAX_PAGE_BYTES, ..granted };
    for key in ["a", "b", "c"] {
        contents.set(&key.repeat(MAX_PAGE_BYTES), Vec::new(), &long).expect("within");
    }
    assert_eq!(contents.keys(Some("9")).keys.len(), 1, "long keys make short pages");
}

#[test]
fn changes_are_taken_once() {
    let (mut contents, granted) = (Contents::of_file(Pairs::from([("old".into(), b"1"[..].into())])), granted(10_000));
    assert_eq!(contents.take_changes(), None);
    contents.set("a", b"1".into(), &granted).expect("within");
    contents.set("a", b"2".into(), &granted).expect("within");
    contents.delete("old");
    contents.delete("none");
    let changes = [("a".into(), Some(b"2"[..].into())), ("old".into(), None)];
    assert_eq!(contents.take_changes(), Some(FileUpdate::Apply(changes.into())));
    assert_eq!(contents.take_changes(), None);
    contents.set("b", b"1".into(), &granted).expect("within");
    contents.take_changes();
    contents.save_failed();
    let all = [("a".into(), b"2"[..].into()), ("b".into(), b"1"[..].into())];
    assert_eq!(
        contents.take_changes(),
        Some(FileUpdate::Replace(all.into())),
        "what could not be written is not forgotten"
    );
    assert_eq!(Contents::in_memory().take_changes(), None);
}

#[test]
fn notes_of_deleted_keys_are_bounded() {
    let (mut contents, granted) = (Contents::of_file(Pairs::new()), granted(10_000));
    for number in 0..MIN_CHANGES_BYTES / PAIR_OVERHEAD {
        let key = format!("{number}");
        contents.set(&key, Vec::new(), &granted).expect("within");
        contents.delete(&key);
    }
    assert_eq!(contents.take_changes(), Some(FileUpdate::Replace(Pairs::new())));
}
