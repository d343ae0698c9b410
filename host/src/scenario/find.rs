//! Which plugin, and which scenarios.

use std::path::{Path, PathBuf};

use anyhow::{Context, Error, Result, anyhow, bail};

use super::Selection;
use super::parse::parse;
use super::script::Scenario;

/// How files of scenarios end.
const ENDING: &str = "scenario";
/// Where they are in a plugin's folder.
const FOLDER: &str = "scenarios";

/// What was asked for, found.
pub(super) struct Found {
    pub(super) plugin: Plugin,
    scenarios: PathBuf,
}

/// What is tried out.
#[derive(Clone)]
pub(super) enum Plugin {
    /// What this configuration file says.
    Configured(PathBuf),
    /// This component, with nothing else said about it.
    Component(PathBuf),
}

/// One file.
pub(super) struct File {
    pub(super) path: PathBuf,
    pub(super) scenarios: Vec<Scenario>,
}

impl Found {
    /// # Errors
    /// What is not there, and what to do about it.
    pub(super) fn new(selection: &Selection<'_>) -> Result<Self> {
        let target = selection.target;
        let shown = target.display();
        // Without the `./` in front.
        let inside = |name: &str| if target.as_os_str() == "." { PathBuf::from(name) } else { target.join(name) };
        if target.is_dir() {
            let config = inside("roomcast.toml");
            if !config.is_file() {
                bail!(
                    "there is no `roomcast.toml` in {shown}, which would say where the plugin is: name the plugin's folder, \
                     or a component (`roomcast test plugin.wasm --scenarios DIR`)"
                );
            }
            let scenarios = selection.scenarios.map(Path::to_owned).unwrap_or_else(|| inside(FOLDER));
            return Ok(Self { plugin: Plugin::Configured(config), scenarios });
        }
        if target.extension().is_none_or(|ending| ending != "wasm") {
            bail!(
                "{shown} is neither a folder nor a component (`.wasm`); to run scenarios by their name: roomcast test . {shown}"
            );
        }
        let Some(scenarios) = selection.scenarios.map(Path::to_owned) else {
            bail!("where are the scenarios? roomcast test {shown} --scenarios DIR");
        };
        Ok(Self { plugin: Plugin::Component(target.to_owned()), scenarios })
    }

    /// The scenarios whose file, or name, has one of these texts in it; all of them if there are none.
    ///
    /// # Errors
    /// When a file cannot be understood, and when there is nothing to be run.
    pub(super) fn files(&self, names: &[String]) -> Result<Vec<File>> {
        let mut files = Vec::new();
        for path in self.paths()? {
            let text = std::fs::read_to_string(&path).with_context(|| path.display().to_string())?;
            let stem = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            let mut scenarios = parse(&text, &stem).map_err(|why| anyhow!("{}:{why}", path.display()))?;
            scenarios.retain(|scenario| is_meant(names, &[&stem, &scenario.name]));
            if !scenarios.is_empty() {
                files.push(File { path, scenarios });
            }
        }
        if files.is_empty() && names.is_empty() {
            return Err(self.no_scenarios());
        }
        if files.is_empty() {
            bail!("no scenario in {} is called {}", self.scenarios.display(), names.join(", "));
        }
        Ok(files)
    }

    fn paths(&self) -> Result<Vec<PathBuf>> {
        if self.scenarios.is_file() {
            return Ok(vec![self.scenarios.clone()]);
        }
        if !self.scenarios.is_dir() {
            return Err(self.no_scenarios());
        }
        let shown = || self.scenarios.display().to_string();
        let entries = std::fs::read_dir(&self.scenarios).with_context(shown)?;
        let mut paths = Vec::new();
        for entry in entries {
            let path = entry.with_context(shown)?.path();
            if path.extension().is_some_and(|ending| ending == ENDING) {
                paths.push(path);
            }
        }
        paths.sort();
        Ok(paths)
    }

    fn no_scenarios(&self) -> Error {
        let example = if self.scenarios.extension().is_some() {
            self.scenarios.clone()
        } else {
            self.scenarios.join(format!("hello.{ENDING}"))
        };
        anyhow!(
            "there are no scenarios in {}. Write one, for example {}:\n\n  ada connects /sse?name=Ada\n  ada gets welcome\n",
            self.scenarios.display(),
            example.display()
        )
    }
}

impl Plugin {
    /// The configuration file, if there is one.
    pub(super) fn config(&self) -> Option<&Path> {
        match self {
            Self::Configured(path) => Some(path),
            Self::Component(_) => None,
        }
    }
}

/// Whether somebody who asks for these names means what has those.
fn is_meant(names: &[String], own: &[&str]) -> bool {
    let has = |name: &String| own.iter().any(|own| own.to_lowercase().contains(&name.to_lowercase()));
    names.is_empty() || names.iter().any(has)
}
