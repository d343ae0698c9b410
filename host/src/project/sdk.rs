//! The SDKs that are in the binary, and the copy of one that lies in a project.
//!
//! A project has a copy unless it asks for the published one, so it builds with what it was written for, whatever `roomcast`
//! is installed.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use toml::{Table, Value};

use super::carried::{self, Files, WORKSPACE, below};
use super::folder::{Folder, shown};
use super::language::Language;
use super::sdk_source::{Package, SdkSource};
use super::template::Template;
use super::wit;

/// The files of a language's SDK, without templates; those of the contract where there is none.
pub(super) fn files(language: Language) -> Files {
    if language == Language::Wit {
        return wit::files();
    }
    let mut files: Files = below(language.sdk()).filter(|(path, _)| !path.starts_with("template")).collect();
    if language == Language::Rust {
        let manifest = files.get_mut("Cargo.toml").expect("a crate has one");
        *manifest = standalone(std::str::from_utf8(manifest).expect("our own file")).into_bytes();
    }
    files
}

/// The files of a new project; names and texts have placeholders. What is the same in all languages lies in `project`, what is
/// the same for all templates in `common`. A file that several folders have is joined from them.
pub(super) fn template(template: Template, language: Language) -> Files {
    if language == Language::Wit {
        // It has no SDK, so nothing but the page is shared with others.
        return below("project/chat")
            .filter(|(path, _)| path.starts_with("page/"))
            .chain(below("wit/template"))
            .collect();
    }
    let shared = |folder| format!("project/{folder}");
    let own = |folder| format!("{}/{}/{folder}", language.sdk(), language.templates());
    let folder = template.folder();
    let folders = [shared("common"), own("common"), shared(folder), own(folder)];
    let folders = folders.into_iter().chain(template.page().map(shared));
    let mut files = Files::new();
    for (path, content) in folders.flat_map(|folder| below(&folder).collect::<Vec<_>>()) {
        let file = files.entry(path).or_default();
        if !file.is_empty() {
            file.push(b'\n');
        }
        file.extend(content);
    }
    files
}

/// The manifest of a crate of our workspace, as one for a crate that is in none.
fn standalone(manifest: &str) -> String {
    let workspace: Table = WORKSPACE.parse().expect("our own file");
    let mut manifest: Table = manifest.parse().expect("our own file");
    manifest.remove("lints");
    for (section, inherited) in [("package", "package"), ("dependencies", "dependencies")] {
        let Some(Value::Table(entries)) = manifest.get_mut(section) else { continue };
        for (name, value) in entries {
            let Value::Table(own) = value else { continue };
            if own.remove("workspace").is_none() {
                continue;
            }
            let shared = workspace["workspace"][inherited][name.as_str()].clone();
            *value = match (shared, own.is_empty()) {
                (shared, true) => shared,
                (Value::Table(mut shared), false) => {
                    shared.extend(std::mem::take(own));
                    Value::Table(shared)
                }
                (version, false) => {
                    own.insert("version".into(), version);
                    continue;
                }
            };
        }
    }
    manifest.to_string()
}

/// The folder of the SDK that a project is built with: its own copy, or, in this repository, the original.
pub(super) fn of(project: &Folder, language: Language) -> Result<PathBuf> {
    let own = project.path().join("sdk");
    if own.is_dir() {
        return Ok(own);
    }
    let originals = project.path().ancestors().map(|above| above.join("guest-sdk").join(language.sdk()));
    originals.into_iter().find(|folder| folder.is_dir()).with_context(|| {
        let here = project.show();
        format!("{here} has no folder `sdk`, with what its plugin is built with: `roomcast sdk {here}` writes it")
    })
}

/// Write the SDK that this binary has into a project, in place of the one that is there; what was done, as text.
///
/// # Errors
/// When no project is there, or files cannot be written.
pub fn refresh(project: &Folder) -> Result<String> {
    let language = project.language()?;
    if let (SdkSource::Registry, Some(package)) = (SdkSource::of(project, language), Package::of(language)) {
        bail!(
            "{} has its SDK from the registry: change the version of {} there",
            shown(&project.path().join(package.manifest)),
            package.name
        );
    }
    let folder = project.path().join(language.sdk_in_project());
    if language == Language::Wit {
        return wit::write(&folder);
    }
    let write = || {
        if folder.exists() {
            fs::remove_dir_all(&folder)?;
        }
        carried::write(&folder, &files(language))
    };
    write().with_context(|| folder.display().to_string())?;
    Ok(format!("{}: the SDK for {} of roomcast {}", folder.display(), language.name(), env!("CARGO_PKG_VERSION")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_language_has_its_contract_and_all_templates() {
        for language in Language::ALL {
            let sdk = files(language);
            assert!(sdk.contains_key("README.md"), "{language:?}");
            assert!(
                !sdk.keys().any(|path| path.contains("node_modules") || path.starts_with("template")),
                "{language:?}"
            );
            for kind in Template::ALL {
                let template = template(kind, language);
                for file in [language.source(), "README.md", "roomcast.toml", ".gitignore", "page/index.html"] {
                    assert!(template.contains_key(file), "{kind:?}, {language:?}: {file}");
                }
            }
        }
    }

    #[test]
    fn the_crate_needs_no_workspace() {
        let manifest = files(Language::Rust)["Cargo.toml"].clone();
        let manifest: Table = std::str::from_utf8(&manifest).expect("text").parse().expect("TOML");
        assert!(!manifest.to_string().contains("workspace"), "{manifest}");
        assert_eq!(manifest["package"]["edition"].as_str(), Some("2024"));
        assert_eq!(manifest["dependencies"]["serde"]["optional"].as_bool(), Some(true));
        assert!(manifest["dependencies"]["serde"]["version"].is_str());
        assert!(manifest["dependencies"]["uuid"].is_str());
    }

    #[test]
    fn every_template_can_name_the_package() {
        let text = |project: &Files, file: &str| String::from_utf8(project[file].clone()).expect("text");
        for (language, kind) in Language::ALL.into_iter().flat_map(|one| Template::ALL.map(|kind| (one, kind))) {
            let Some(package) = Package::of(language) else { continue };
            let mut project = template(kind, language);
            assert!(!package.is_asked_for(&text(&project, package.manifest)), "{language:?} copies by default");
            package.name_in(&mut project).expect("the template has these texts");
            let manifest = text(&project, package.manifest);
            assert!(package.is_asked_for(&manifest) && manifest.contains(env!("CARGO_PKG_VERSION")), "{manifest}");
            let readme = text(&project, "README.md");
            assert!(!readme.contains("`sdk/`") && !readme.contains("(sdk/"), "{language:?} {kind:?}: {readme}");
        }
    }

    #[test]
    fn published_sdks_have_one_version_and_one_tool() {
        let text = |language: Language, file: &str| String::from_utf8(files(language)[file].clone()).expect("text");
        let package: serde_json::Value =
            serde_json::from_str(&text(Language::JavaScript, "package.json")).expect("JSON");
        assert_eq!(package["version"], env!("CARGO_PKG_VERSION"));
        let project: Table = text(Language::Python, "pyproject.toml").parse().expect("TOML");
        assert_eq!(project["project"]["version"].as_str(), Some(env!("CARGO_PKG_VERSION")));
        // A copy is built by what the one file pins, the published one by the other.
        let pinned = text(Language::Python, "requirements.txt");
        for part in ["dependencies", "optional-dependencies"] {
            let part = &project["project"][part];
            let packages = part.as_array().or_else(|| part["test"].as_array()).expect("a list");
            for package in packages.iter().filter_map(Value::as_str) {
                assert!(pinned.lines().any(|line| line == package), "{package} is not in requirements.txt");
            }
        }
    }
}
