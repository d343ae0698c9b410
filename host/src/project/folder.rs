//! The folder of a project, and what its `roomcast.toml` says of the component.

use std::path::{Path, PathBuf};
use std::{fs, io};

use anyhow::{Context, Result, anyhow};
use toml::{Table, Value};

use super::language::Language;

/// The script that builds a plugin in any other language.
pub(super) const SCRIPT: &str = "build.sh";

/// The folder of a project.
#[derive(Debug, Clone)]
pub struct Folder {
    /// Absolute, so that it is the same for every tool.
    path: PathBuf,
}

impl Folder {
    /// The folder at a path.
    ///
    /// # Errors
    /// When there is none.
    pub fn open(path: &Path) -> Result<Self> {
        let found = fs::canonicalize(path).and_then(|found| {
            if found.is_dir() { Ok(found) } else { Err(io::Error::from(io::ErrorKind::NotADirectory)) }
        });
        let path = found.map_err(|why| anyhow!("{}: {why}; name the folder of a plugin's project", path.display()))?;
        Ok(Self { path })
    }

    /// Its absolute path.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Its path as people see it.
    pub(super) fn show(&self) -> String {
        shown(&self.path)
    }

    /// The configuration file.
    pub fn config(&self) -> PathBuf {
        self.path.join("roomcast.toml")
    }

    /// Whether `roomcast build` can build its plugin: it is in a language with an SDK, or has a script that builds it.
    pub fn can_be_built(&self) -> bool {
        Language::of(&self.path).is_some()
    }

    /// The language that its plugin is written in.
    ///
    /// # Errors
    /// When it cannot be told.
    pub fn language(&self) -> Result<Language> {
        Language::of(&self.path).with_context(|| {
            format!(
                "{}: no plugin is here: neither Cargo.toml, plugin.js, plugin.ts, plugin.py, go.mod, a .c or .cpp file, nor build.sh; \
                 `roomcast new NAME --lang LANG` begins one",
                self.show()
            )
        })
    }

    /// Where the component goes: what the first plugin of `roomcast.toml` has as its `path`.
    ///
    /// # Errors
    /// When the file cannot be read, or has no plugin with a path.
    pub fn component(&self) -> Result<PathBuf> {
        let file = self.config();
        let shown_file = shown(&file);
        let text = match fs::read_to_string(&file) {
            Ok(text) => text,
            Err(why) if why.kind() == io::ErrorKind::NotFound => {
                let name = self.path.file_name().map_or("plugin".into(), |name| name.to_string_lossy());
                return Ok(self.path.join("build").join(format!("{name}.wasm")));
            }
            Err(why) => return Err(anyhow!("{shown_file}: {why}")),
        };
        let table: Table = text.parse().map_err(|why| anyhow!("{shown_file}: {why}"))?;
        let first = table.get("plugins").and_then(Value::as_array).and_then(|plugins| plugins.first());
        let path = first.and_then(|plugin| plugin.get("path")).and_then(Value::as_str).with_context(|| {
            format!("{shown_file}: it does not say where the component goes: [[plugins]] path = \"build/NAME.wasm\"")
        })?;
        Ok(self.path.join(path))
    }
}

/// A path as people see it: relative to the current folder, if it lies below that.
pub(super) fn shown(path: &Path) -> String {
    let here = std::env::current_dir().ok();
    let below = here.as_deref().and_then(|here| path.strip_prefix(here).ok());
    match below {
        Some(below) if below.as_os_str().is_empty() => ".".into(),
        Some(below) => below.display().to_string(),
        None => path.display().to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn component(config: Option<&str>) -> Result<String, String> {
        let folder = tempfile::tempdir().expect("a folder");
        let inside = folder.path().join("chat");
        fs::create_dir(&inside).expect("made");
        if let Some(config) = config {
            fs::write(inside.join("roomcast.toml"), config).expect("written");
        }
        let folder = Folder::open(&inside).expect("there");
        let path = folder.component().map_err(|why| why.to_string())?;
        Ok(path.strip_prefix(folder.path()).expect("below").display().to_string())
    }

    #[test]
    fn the_component_goes_where_the_server_looks_for_it() {
        assert_eq!(component(None), Ok("build/chat.wasm".into()));
        assert_eq!(component(Some("[[plugins]]\nname = 'x'\npath = 'out/x.wasm'")), Ok("out/x.wasm".into()));
        let why = component(Some("[server]")).expect_err("says nothing of it");
        assert!(why.contains("chat/roomcast.toml") && why.contains("path = "), "{why}");
        assert!(component(Some("plugins = 3 4")).expect_err("no TOML").contains("roomcast.toml"));
    }

    #[test]
    fn a_folder_is_needed() {
        let why = Folder::open(Path::new("/nowhere")).expect_err("not there").to_string();
        assert!(why.contains("/nowhere") && why.contains("folder"), "{why}");
    }
}
