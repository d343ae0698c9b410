//! What a build depends on, as a digest.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use sha2::{Digest, Sha256};

use crate::project::folder::Folder;
use crate::project::language::Language;
use crate::project::sdk;
use crate::project::sources::{Files, Sources};
use crate::project::tool::found;

/// Variables of the environment that tools are found or set by.
const VARIABLES: [&str; 7] = ["CFLAGS", "GOFLAGS", "NODE_OPTIONS", "NODE_PATH", "PYTHONPATH", "VIRTUAL_ENV", "GOPATH"];

/// What a build depends on, at one moment.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Inputs {
    /// What is built from, with the times of its files. Data that no code names is left out.
    pub(super) sources: Files,
    /// The contents of the same.
    pub(super) contents: String,
    /// What tools install, and write while they build: a build may change it, and depends on what it then is.
    pub(super) installed: String,
}

impl Inputs {
    /// Those of a project.
    pub(super) fn of(project: &Folder, language: Language) -> Self {
        let config = project.config();
        let mut sources = counting(project);
        // It says how the component is served, and not what it is.
        sources.remove(&config);
        let sdk = (language != Language::Wit).then(|| sdk::of(project, language).ok()).flatten();
        if let Some(sdk) = sdk.filter(|sdk| !sdk.starts_with(project.path())).and_then(|sdk| Folder::open(&sdk).ok()) {
            sources.extend(counting(&sdk));
        }
        let mut contents = Hasher::default();
        for file in sources.keys() {
            contents.path(file);
            contents.content(file);
        }
        let mut installed = Hasher::default();
        installed.part(env!("CARGO_PKG_VERSION").as_bytes());
        std::env::current_exe().into_iter().for_each(|program| installed.file(&program));
        for name in VARIABLES {
            installed.part(std::env::var_os(name).unwrap_or_default().as_encoded_bytes());
        }
        for (variable, names) in tools(language) {
            found(project.path(), variable, names).iter().for_each(|program| installed.file(program));
        }
        locks(project.path()).iter().for_each(|file| {
            installed.path(file);
            installed.content(file);
        });
        packages(project.path()).iter().for_each(|folder| installed.file(folder));
        Self { sources, contents: contents.end(), installed: installed.end() }
    }
}

fn counting(project: &Folder) -> Files {
    let sources = Sources::of(project);
    let files = sources.look();
    sources.counting(&files, files.keys()).into_iter().map(|file| (file.clone(), files[file])).collect()
}

/// The programs that a language's build starts: the variable that names one, and their names.
fn tools(language: Language) -> &'static [(&'static str, &'static [&'static str])] {
    match language {
        Language::Rust => &[("CARGO", &["cargo"]), ("RUSTC", &["rustc"])],
        Language::JavaScript | Language::TypeScript => &[("NODE", &["node"])],
        Language::Python => &[("PYTHON", &["python3", "python", "componentize-py"])],
        Language::Go => &[("GO", &["go"])],
        Language::C | Language::Cpp => &[("ZIG", &["zig", "python3"])],
        // What its script starts cannot be told.
        Language::Wit => &[],
    }
}

/// Files that tools write while they build, and that say which packages are used.
fn locks(root: &Path) -> Vec<PathBuf> {
    let own = fs::read_dir(root).into_iter().flatten().flatten().map(|entry| entry.path());
    let is_lock = |file: &PathBuf| {
        file.extension() == Some(OsStr::new("lock"))
            || ["package-lock.json", "go.sum"].iter().any(|name| file.file_name() == Some(OsStr::new(name)))
    };
    let mut locks: Vec<_> = own.filter(is_lock).collect();
    locks.sort();
    locks.push(root.join("node_modules/.package-lock.json"));
    locks
}

/// What a Python environment has: a folder for each package, with its version in its name.
fn packages(root: &Path) -> Vec<PathBuf> {
    let environments = [Some(root.join(".venv")), std::env::var_os("VIRTUAL_ENV").map(PathBuf::from)];
    let below = |folder: PathBuf| fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    let libraries = environments.into_iter().flatten().flat_map(|environment| below(environment.join("lib")));
    let mut packages: Vec<_> = libraries.flat_map(|library| below(library.join("site-packages"))).collect();
    packages.sort();
    packages
}

/// A hash of parts, each with its length before it.
#[derive(Default)]
struct Hasher(Sha256);

impl Hasher {
    fn part(&mut self, part: &[u8]) {
        self.0.update(part.len().to_le_bytes());
        self.0.update(part);
    }

    fn path(&mut self, path: &Path) {
        self.part(path.as_os_str().as_encoded_bytes());
    }

    fn content(&mut self, file: &Path) {
        self.part(&fs::read(file).unwrap_or_default());
    }

    /// A file or folder by its path, its length and its time.
    fn file(&mut self, file: &Path) {
        self.path(file);
        let Ok(about) = fs::metadata(file) else { return };
        let since = about.modified().ok().and_then(|time| time.duration_since(SystemTime::UNIX_EPOCH).ok());
        self.part(&since.unwrap_or_default().as_nanos().to_le_bytes());
        self.part(&about.len().to_le_bytes());
    }

    fn end(self) -> String {
        self.0.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
    }
}
