//! Where a project has its SDK from: from a copy within it, or from the registry of its language.

use std::fs;

use anyhow::{Result, anyhow};
use serde_json::Value as Json;
use toml::Table;

use super::carried::Files;
use super::folder::Folder;
use super::language::Language;

/// Where a project has its SDK from.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum SdkSource {
    /// From a copy in the project, so that it builds with what it was written for.
    #[default]
    Vendored,
    /// From the registry of its language, as a package with a version.
    Registry,
}

/// The published SDK of a language, and how a manifest names it.
pub(super) struct Package {
    pub(super) name: &'static str,
    /// The file that names it.
    pub(super) manifest: &'static str,
    /// What a template's manifest has for the copy, and what takes its place.
    vendored: &'static str,
    registry: &'static str,
}

/// What is replaced in the README of a template.
const README: (&str, &str) = (
    ", and the SDK in `sdk/`, whose\n[README](sdk/README.md) has the API.",
    "; its SDK is the package `{name}`\n{version}, in `{manifest}`, and \
     [docs/plugins](https://github.com/roomcast/roomcast/blob/main/docs/plugins/README.md) has the API.",
);

impl Package {
    /// The published SDK of a language; none for languages without a registry.
    pub(super) const fn of(language: Language) -> Option<Self> {
        let package = match language {
            Language::Rust => Self {
                name: "roomcast-sdk",
                manifest: "Cargo.toml",
                vendored: "path = \"sdk\"",
                registry: "version = \"{version}\"",
            },
            Language::JavaScript | Language::TypeScript => Self {
                name: "roomcast",
                manifest: "package.json",
                vendored: "\"roomcast\": \"file:./sdk\"",
                registry: "\"roomcast\": \"{version}\"",
            },
            Language::Python => Self {
                name: "roomcast-sdk",
                manifest: "requirements.txt",
                vendored: "-r sdk/requirements.txt",
                registry: "roomcast-sdk[test]=={version}",
            },
            Language::Go => Self {
                name: "github.com/roomcast/roomcast/guest-sdk/go",
                manifest: "go.mod",
                vendored: "\nreplace github.com/roomcast/roomcast/guest-sdk/go => ./sdk\n",
                registry: "",
            },
            Language::C | Language::Cpp | Language::Wit => return None,
        };
        Some(package)
    }

    /// Have the files of a new project name this package, in place of the copy.
    ///
    /// # Errors
    /// The text that its template does not have.
    pub(super) fn name_in(&self, project: &mut Files) -> Result<()> {
        replace(project, self.manifest, self.vendored, &self.filled(self.registry))?;
        replace(project, "README.md", README.0, &self.filled(README.1))
    }

    fn filled(&self, text: &str) -> String {
        let filled = text.replace("{name}", self.name).replace("{manifest}", self.manifest);
        filled.replace("{version}", env!("CARGO_PKG_VERSION"))
    }

    /// Whether a manifest asks the registry for it.
    pub(super) fn is_asked_for(&self, manifest: &str) -> bool {
        match self.manifest {
            "Cargo.toml" => manifest.parse::<Table>().is_ok_and(|manifest| {
                let dependency = manifest.get("dependencies").and_then(|all| all.get(self.name));
                let local = |table: &Table| ["path", "workspace", "git"].iter().any(|key| table.contains_key(*key));
                dependency.is_some_and(|dependency| dependency.as_table().is_none_or(|table| !local(table)))
            }),
            "package.json" => serde_json::from_str::<Json>(manifest).is_ok_and(|manifest| {
                let wanted = manifest["dependencies"][self.name].as_str();
                // A folder is no package; an archive is one.
                wanted.is_some_and(|wanted| !wanted.starts_with("file:") || wanted.ends_with(".tgz"))
            }),
            "requirements.txt" => manifest.lines().any(|line| line.trim_start().starts_with(self.name)),
            _ => manifest.contains(self.name) && !manifest.contains("=>"),
        }
    }
}

fn replace(project: &mut Files, file: &str, from: &str, to: &str) -> Result<()> {
    let missing = || anyhow!("the template's {file} does not have {from:?}");
    let content = project.get_mut(file).ok_or_else(missing)?;
    let text = std::str::from_utf8(content)?;
    if !text.contains(from) {
        return Err(missing());
    }
    *content = text.replace(from, to).into_bytes();
    Ok(())
}

impl SdkSource {
    /// Where a project has its SDK from.
    pub(super) fn of(project: &Folder, language: Language) -> Self {
        let asks = || {
            let package = Package::of(language)?;
            let manifest = fs::read_to_string(project.path().join(package.manifest)).ok()?;
            package.is_asked_for(&manifest).then_some(())
        };
        if project.path().join("sdk").is_dir() || asks().is_none() { Self::Vendored } else { Self::Registry }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_manifest_is_known_by_what_it_asks_for() {
        for (language, manifest, asks) in [
            (Language::Rust, "[dependencies]\nroomcast-sdk = '0.1'", true),
            (Language::Rust, "[dependencies]\nroomcast-sdk = { version = '0.1', features = [] }", true),
            (Language::Rust, "[dependencies]\nroomcast-sdk = { path = '../sdk' }", false),
            (Language::Rust, "[dependencies]\nserde = '1'", false),
            (Language::JavaScript, r#"{"dependencies": {"roomcast": "^0.1.0"}}"#, true),
            (Language::JavaScript, r#"{"dependencies": {"roomcast": "file:../roomcast-0.1.0.tgz"}}"#, true),
            (Language::JavaScript, r#"{"dependencies": {"roomcast": "file:../../guest-sdk/javascript"}}"#, false),
            (Language::JavaScript, "{", false),
            (Language::Python, "# tools\nroomcast-sdk[test]==0.1.0\n", true),
            (Language::Python, "-r sdk/requirements.txt\n", false),
            (Language::Go, "require github.com/roomcast/roomcast/guest-sdk/go v0.1.0", true),
            (
                Language::Go,
                "require github.com/roomcast/roomcast/guest-sdk/go v0.1.0\nreplace \
                 github.com/roomcast/roomcast/guest-sdk/go => ../../guest-sdk/go",
                false,
            ),
        ] {
            let package = Package::of(language).expect("published");
            assert_eq!(package.is_asked_for(manifest), asks, "{manifest}");
        }
    }
}
