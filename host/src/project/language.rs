//! The languages of plugins: those that there is an SDK for, and any other.

use std::fs;
use std::path::Path;

use clap::ValueEnum;

/// What a plugin is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "lowercase")]
pub enum Language {
    /// Rust.
    Rust,
    /// JavaScript.
    #[value(alias = "js")]
    JavaScript,
    /// TypeScript.
    #[value(alias = "ts")]
    TypeScript,
    /// Python.
    #[value(alias = "py")]
    Python,
    /// Go.
    #[value(alias = "golang")]
    Go,
    /// C.
    C,
    /// C++.
    #[value(alias = "c++", alias = "cxx")]
    Cpp,
    /// Any other language, without an SDK: from the contract's WIT, by a script `build.sh`.
    Wit,
}

impl Language {
    /// Those with an SDK.
    #[cfg(test)]
    pub const ALL: [Self; 7] =
        [Self::Rust, Self::JavaScript, Self::TypeScript, Self::Python, Self::Go, Self::C, Self::Cpp];

    /// What people call it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Rust => "Rust",
            Self::JavaScript => "JavaScript",
            Self::TypeScript => "TypeScript",
            Self::Python => "Python",
            Self::Go => "Go",
            Self::C => "C",
            Self::Cpp => "C++",
            Self::Wit => "any language",
        }
    }

    /// The folder of its SDK among the SDKs.
    pub(super) fn sdk(self) -> &'static str {
        match self {
            Self::Rust => "rust",
            Self::JavaScript | Self::TypeScript => "javascript",
            Self::Python => "python",
            Self::Go => "go",
            Self::C | Self::Cpp => "c",
            Self::Wit => "wit",
        }
    }

    /// The folder of a project with what does not come from its author.
    pub(super) fn sdk_in_project(self) -> &'static str {
        match self {
            Self::Wit => "wit",
            _ => "sdk",
        }
    }

    /// The folder of its templates in its SDK: one for each, and `common` for what each has.
    pub(super) fn templates(self) -> &'static str {
        match self {
            Self::JavaScript => "template/javascript",
            Self::TypeScript => "template/typescript",
            Self::C => "template/c",
            Self::Cpp => "template/cpp",
            Self::Rust | Self::Python | Self::Go | Self::Wit => "template",
        }
    }

    /// The file that a plugin's author opens first.
    pub(super) fn source(self) -> &'static str {
        match self {
            Self::Rust => "src/lib.rs",
            Self::JavaScript => "plugin.js",
            Self::TypeScript => "plugin.ts",
            Self::Python => "plugin.py",
            Self::Go => "main.go",
            Self::C => "plugin.c",
            Self::Cpp => "plugin.cpp",
            Self::Wit => "plugin.wat",
        }
    }

    /// The language of the project in a folder, by the files that each has.
    pub(super) fn of(folder: &Path) -> Option<Self> {
        let has = |file: &str| folder.join(file).is_file();
        let found = [
            // With the contract beside it, the script is what builds, whatever it builds from.
            (Self::Wit, has("build.sh") && folder.join("wit").is_dir()),
            (Self::Rust, has("Cargo.toml")),
            (Self::Go, has("go.mod")),
            (Self::Python, has("plugin.py")),
            (Self::TypeScript, has("plugin.ts")),
            (Self::JavaScript, has("plugin.js") || has("package.json")),
            (Self::Cpp, holds(folder, &["cpp", "cc"])),
            (Self::C, holds(folder, &["c"])),
            (Self::Wit, has("build.sh")),
        ];
        found.into_iter().find_map(|(language, found)| found.then_some(language))
    }
}

/// Whether a folder, or its folder `src`, has a file that ends so.
fn holds(folder: &Path, endings: &[&str]) -> bool {
    [folder.to_owned(), folder.join("src")].iter().any(|folder| {
        let files = fs::read_dir(folder).into_iter().flatten().flatten();
        files.into_iter().any(|file| file.path().extension().is_some_and(|end| endings.iter().any(|one| end == *one)))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_project_is_known_by_its_files() {
        for language in Language::ALL {
            let folder = tempfile::tempdir().expect("a folder");
            assert_eq!(Language::of(folder.path()), None);
            let source = folder.path().join(language.source());
            fs::create_dir_all(source.parent().expect("in a folder")).expect("made");
            fs::write(source, "").expect("written");
            let more = match language {
                Language::Rust => "Cargo.toml",
                Language::Go => "go.mod",
                _ => "README.md",
            };
            fs::write(folder.path().join(more), "").expect("written");
            assert_eq!(Language::of(folder.path()), Some(language));
        }
    }

    #[test]
    fn script_beside_the_contract_builds_whatever_is_there() {
        let folder = tempfile::tempdir().expect("a folder");
        let write = |file: &str| fs::write(folder.path().join(file), "").expect("written");
        write("build.sh");
        assert_eq!(Language::of(folder.path()), Some(Language::Wit), "there is nothing else");
        write("package.json");
        assert_eq!(Language::of(folder.path()), Some(Language::JavaScript));
        fs::create_dir(folder.path().join("wit")).expect("made");
        assert_eq!(Language::of(folder.path()), Some(Language::Wit));
    }

    #[test]
    fn each_has_names_that_people_type() {
        for (typed, meant) in [("js", Language::JavaScript), ("ts", Language::TypeScript), ("c++", Language::Cpp)] {
            assert_eq!(Language::from_str(typed, false), Ok(meant));
        }
        for language in Language::ALL {
            assert!(language.to_possible_value().is_some());
        }
    }
}
