//! `roomcast new`: a folder with a plugin that builds and runs as it is.

use std::path::Path;
use std::{fs, io};

use anyhow::{Context, Result, anyhow, bail};

use super::carried::{self, Files};
use super::language::Language;
use super::sdk;
use super::sdk_source::{Package, SdkSource};
use super::template::Template;

/// What stands for the plugin's name in a template, in paths and in texts.
const NAME: &str = "{{name}}";
/// The same where a language takes no hyphen in a name.
const IDENTIFIER: &str = "{{identifier}}";
/// The longest name.
const MAX_NAME: usize = 50;

/// Make a new project: a folder that must not have anything in it. Its last part is the plugin's name. What was done,
/// and what to do next, as text.
///
/// # Errors
/// When the name cannot be one in every language, the language has no registry or not this template, something is there already,
/// or files cannot be written.
pub fn create(folder: &Path, language: Language, template: Template, source: SdkSource) -> Result<String> {
    let name = name_of(folder)?;
    if fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_some()) || folder.is_file() {
        bail!("{} is there already, and not empty: choose another name, or remove it", folder.display());
    }
    if language == Language::Wit && template != Template::Chat {
        bail!("for a language without an SDK there is the template `chat` alone: leave --template out");
    }
    let mut made = fill(sdk::template(template, language), name);
    let (sdk, from) = match source {
        SdkSource::Vendored => (
            sdk::files(language),
            format!("{} in {}/{}", brought(language), folder.display(), language.sdk_in_project()),
        ),
        SdkSource::Registry => (Files::new(), registry(language, &mut made)?),
    };
    write(folder, &made, (language.sdk_in_project(), &sdk)).with_context(|| folder.display().to_string())?;
    let shown = folder.display();
    Ok(format!(
        "{shown}: a plugin in {}, and {from}\n\n  \
         cd {shown}\n  \
         roomcast dev                build it, serve it, and again at every change\n  \
         roomcast test               what scenarios/ says that it does\n\n\
         Its code is {}; README.md has the rest.",
        language.name(),
        language.source()
    ))
}

/// What a project has a copy of.
fn brought(language: Language) -> &'static str {
    if language == Language::Wit { "the contract" } else { "its SDK" }
}

/// Have a new project name the published SDK; what that is, as text.
fn registry(language: Language, made: &mut Files) -> Result<String> {
    let package = Package::of(language).with_context(|| {
        format!(
            "there is no registry of packages for {}: leave out `--sdk registry`, and the project gets a copy",
            language.name()
        )
    })?;
    package.name_in(made)?;
    Ok(format!("its SDK from the registry: {} {} in {}", package.name, env!("CARGO_PKG_VERSION"), package.manifest))
}

fn name_of(folder: &Path) -> Result<&str> {
    let name = folder.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let valid = name.starts_with(|first: char| first.is_ascii_lowercase())
        && !name.ends_with('-')
        && name.len() <= MAX_NAME
        && name.chars().all(|one| one.is_ascii_lowercase() || one.is_ascii_digit() || one == '-');
    if valid && !RESERVED.contains(&name) {
        return Ok(name);
    }
    let why = if RESERVED.contains(&name) { "has a meaning of its own in some language" } else { "cannot be its name" };
    Err(anyhow!(
        "a plugin's name is 1 to {MAX_NAME} of a-z, 0-9 and -, begins with a letter, and \"{name}\" {why}; \
         for example: roomcast new my-chat --lang js"
    ))
}

/// Names that packages or modules cannot have: words of a language, folders of the project, modules that it imports.
const RESERVED: [&str; 17] = [
    "plugin",
    "sdk",
    "build",
    "page",
    "scenarios",
    "roomcast",
    "main",
    "test",
    "core",
    "std",
    "async",
    "await",
    "fn",
    "type",
    "import",
    "class",
    "node-modules",
];

fn fill(template: Files, name: &str) -> Files {
    let fill = |text: &str| text.replace(NAME, name).replace(IDENTIFIER, &name.replace('-', "_"));
    let filled = template.into_iter().map(|(path, content)| {
        let content = match String::from_utf8(content) {
            Ok(text) => fill(&text).into_bytes(),
            Err(binary) => binary.into_bytes(),
        };
        (fill(&path), content)
    });
    filled.collect()
}

/// All of it, or nothing: a folder that was made here is taken away again when the disk is full.
fn write(folder: &Path, project: &Files, (sdk_folder, sdk): (&str, &Files)) -> io::Result<()> {
    let was_there = folder.exists();
    let written = carried::write(folder, project).and_then(|()| carried::write(&folder.join(sdk_folder), sdk));
    if written.is_err() && !was_there {
        // What cannot be written may not be removable either; the first error is the one to tell.
        let _ = fs::remove_dir_all(folder);
    }
    written
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_every_language() {
        for good in ["chat", "my-chat", "a", "chat2", "apps/deep/chat"] {
            assert!(name_of(Path::new(good)).is_ok(), "{good}");
        }
        for bad in [
            "Chat",
            "2chat",
            "-chat",
            "chat-",
            "my_chat",
            "my chat",
            "chät",
            "sdk",
            "..",
            "/",
            "plugin",
            &"a".repeat(51),
        ] {
            let why = name_of(Path::new(bad)).expect_err(bad).to_string();
            assert!(why.contains("a-z"), "{why}");
        }
    }

    #[test]
    fn every_template_makes_a_project_without_placeholders_in_every_language() {
        for (language, template) in Language::ALL.into_iter().flat_map(|one| Template::ALL.map(|other| (one, other))) {
            let folder = tempfile::tempdir().expect("a folder");
            let project = folder.path().join("my-chat");
            let said = create(&project, language, template, SdkSource::Vendored).expect("made");
            assert!(said.contains("roomcast dev"), "{said}");
            assert_eq!(Language::of(&project), Some(language));
            let source = fs::read_to_string(project.join(language.source())).expect("there");
            let plugin = source.lines().take_while(|line| *line != "#[cfg(test)]").count();
            assert!(plugin < 125, "{language:?}, {template:?}: a beginning, not a program: {plugin} lines");
            let toml = fs::read_to_string(project.join("roomcast.toml")).expect("there");
            let toml: toml::Table = toml.parse().expect("TOML");
            assert_eq!(toml["plugins"][0]["path"].as_str(), Some("build/my-chat.wasm"));
            no_placeholder(&project);
            let why = create(&project, language, template, SdkSource::Vendored).expect_err("it is there").to_string();
            assert!(why.contains("there already"), "{why}");
        }
    }

    fn no_placeholder(folder: &Path) {
        for entry in fs::read_dir(folder).expect("readable").flatten() {
            let path = entry.path();
            if path.is_dir() {
                if !path.ends_with("sdk") {
                    no_placeholder(&path);
                }
            } else if let Ok(text) = fs::read_to_string(&path) {
                // Literals of several languages begin with two braces, but no letter is behind them.
                let is_placeholder = |rest: &str| rest.starts_with(|first: char| first.is_ascii_lowercase());
                assert!(!text.split("{{").skip(1).any(is_placeholder), "{}", path.display());
            }
        }
    }

    #[test]
    fn a_project_for_any_language_has_the_contract_and_its_script() {
        let folder = tempfile::tempdir().expect("a folder");
        let project = folder.path().join("my-chat");
        create(&project, Language::Wit, Template::Chat, SdkSource::Vendored).expect("made");
        assert_eq!(Language::of(&project), Some(Language::Wit));
        for file in ["plugin.wat", "wit/world.wit", "wit/deps/roomcast-plugin/hooks.wit", "page/index.html"] {
            assert!(project.join(file).is_file(), "{file}");
        }
        assert!(!project.join("sdk").exists());
        no_placeholder(&project);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = fs::metadata(project.join("build.sh")).expect("there").permissions().mode();
            assert_eq!(mode & 0o100, 0o100, "it can be run");
        }
    }

    #[test]
    fn a_project_with_the_published_sdk_has_no_copy() {
        let folder = tempfile::tempdir().expect("a folder");
        for language in Language::ALL.into_iter().filter(|language| Package::of(*language).is_some()) {
            let project = folder.path().join(language.name().to_lowercase());
            let said = create(&project, language, Template::Chat, SdkSource::Registry).expect("made");
            assert!(said.contains("from the registry") && !project.join("sdk").exists(), "{said}");
            let opened = crate::project::Folder::open(&project).expect("a folder");
            assert_eq!(SdkSource::of(&opened, language), SdkSource::Registry);
            let why = sdk::refresh(&opened).expect_err("there is no copy").to_string();
            assert!(why.contains("from the registry"), "{why}");
        }
        for language in [Language::C, Language::Cpp, Language::Wit] {
            let why = create(&folder.path().join("none"), language, Template::Chat, SdkSource::Registry)
                .expect_err("no registry");
            assert!(why.to_string().contains("no registry of packages"), "{why}");
        }
        assert!(!folder.path().join("none").exists());
    }

    #[test]
    fn an_empty_folder_may_be_there() {
        let folder = tempfile::tempdir().expect("a folder");
        let project = folder.path().join("chat");
        fs::create_dir(&project).expect("made");
        create(&project, Language::C, Template::Chat, SdkSource::Vendored).expect("made");
        fs::write(folder.path().join("file"), "").expect("written");
        assert!(create(&folder.path().join("file"), Language::C, Template::Chat, SdkSource::Vendored).is_err());
    }
}
