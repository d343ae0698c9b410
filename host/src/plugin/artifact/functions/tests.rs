use std::path::PathBuf;

use tempfile::TempDir;

use super::*;

/// A large component of this many functions, with this in its data.
fn component(functions: u32, data: &str) -> Vec<u8> {
    let functions: String = (0..functions)
        .map(|number| format!("(func (param i32) (result i32) (i32.mul (local.get 0) (i32.const {number})))"))
        .collect();
    let padding = ".".repeat(LARGE);
    let module =
        format!("(core module (memory (export \"m\") 16) {functions} (data (i32.const 0) \"{data}{padding}\"))");
    wat::parse_str(format!("(component {module})")).expect("a valid component")
}

struct Kept {
    _parent: TempDir,
    folder: Folder,
    engine: Engine,
}

impl Kept {
    fn new() -> Self {
        let parent = tempfile::tempdir().expect("a folder");
        let folder = Folder::open(&parent.path().join("native")).expect("opened");
        Self { _parent: parent, folder, engine: Engine::new(&native::config()).expect("an engine") }
    }

    fn key(&self, component: &[u8]) -> Key {
        Key::of_functions(shape(component).expect("it has a module"), &self.engine)
    }

    /// Compile it, which answers as a compiler does that keeps nothing.
    fn compile(&self, component: &[u8]) {
        let code = precompile(&self.engine, component, Some(&self.folder)).expect("compiles");
        assert!(code == self.engine.precompile_component(component).expect("compiles"), "the same code");
    }

    /// How many functions of it were found, and how many were compiled.
    fn counts(&self, component: &[u8]) -> (usize, usize) {
        let functions = Arc::new(Functions::load(&self.folder, &self.key(component)));
        precompile_with(&functions, component).expect("compiles");
        let found = functions.known.values().filter(|known| known.used.load(Relaxed)).count();
        (found, lock(&functions.made).len())
    }

    fn file(&self, component: &[u8]) -> PathBuf {
        self.folder.path().join(self.key(component).name())
    }
}

#[test]
fn functions_of_the_version_before_are_found() {
    let kept = Kept::new();
    let first = component(40, "first");
    assert_eq!(kept.counts(&first).0, 0);
    kept.compile(&first);
    let (found, made) = kept.counts(&component(40, "second"));
    assert!(found >= 40 && made == 0, "{found} {made}");
    kept.compile(&component(40, "second"));
    let (found, made) = kept.counts(&component(41, "third"));
    assert!(found >= 40 && made == 1, "{found} {made}");
    kept.compile(&component(41, "third"));
    assert_eq!(kept.counts(&component(41, "third")).1, 1, "for the sake of one nothing is written");
    kept.compile(&component(60, "fourth"));
    assert_eq!(kept.counts(&component(60, "fourth")).1, 0);
}

#[test]
fn what_is_kept_is_always_the_same() {
    let content = || {
        let kept = Kept::new();
        kept.compile(&component(40, "first"));
        std::fs::read(kept.file(&component(40, ""))).expect("kept")
    };
    assert!(content() == content());
}

#[test]
fn damaged_and_foreign_entries_are_replaced() {
    let kept = Kept::new();
    let plugin = component(40, "first");
    kept.compile(&plugin);
    let file = kept.file(&plugin);
    let sound = std::fs::read(&file).expect("kept");
    let mut damaged = sound.clone();
    *damaged.last_mut().expect("not empty") ^= 1;
    let other = Key::of_functions([0; 32], &kept.engine);
    let content = unseal(&kept.key(&plugin), &sound).expect("whole");
    let cut = seal(&kept.key(&plugin), &content[..content.len() - 1]);
    for entry in [&b""[..], b"x", &sound[..100], &damaged, &seal(&other, content), &cut] {
        std::fs::write(&file, entry).expect("written");
        assert_eq!(kept.counts(&plugin).0, 0, "it is not looked at");
        kept.compile(&plugin);
        assert!(std::fs::read(&file).expect("kept") == sound, "it was replaced");
    }
}

#[test]
fn code_that_is_none_is_compiled_again() {
    let kept = Kept::new();
    let plugin = component(40, "first");
    kept.compile(&plugin);
    let key = kept.key(&plugin);
    let sound = std::fs::read(kept.file(&plugin)).expect("kept");
    let functions = parse(unseal(&key, &sound).expect("whole")).expect("well-formed");
    let nonsense: Vec<u8> =
        functions.keys().flat_map(|key| sized(key).chain(sized(b"\xff")).collect::<Vec<_>>()).collect();
    std::fs::write(kept.file(&plugin), seal(&key, &nonsense)).expect("written");
    kept.compile(&plugin);
}

#[test]
fn small_components_leave_nothing() {
    let kept = Kept::new();
    let small = wat::parse_str("(component (core module (func)))").expect("a valid component");
    kept.compile(&small);
    assert_eq!(std::fs::read_dir(kept.folder.path()).expect("readable").count(), 0);
}

#[test]
fn shape_is_what_the_largest_module_shows() {
    let with = |inside: &str| shape(&wat::parse_str(format!("(component {inside})")).expect("a valid component"));
    let large = r#"(core module (func (export "f") nop nop nop nop nop nop nop))"#;
    assert_eq!(with(""), None);
    assert_eq!(with(large), with(&format!("{large} (core module)")));
    assert_eq!(with(large), with(&large.replace("nop ", "")));
    assert_ne!(with(large), with(&large.replace("\"f\"", "\"g\"")));
}
