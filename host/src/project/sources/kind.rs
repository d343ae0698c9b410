//! Which files of a project its component depends on.

use std::path::Path;

/// Folders in which no source is: what is made, and what tools install.
const NOT_SOURCE: [&str; 7] = ["build", "target", "dist", "coverage", "node_modules", "__pycache__", "scenarios"];
/// Files that tools write while they build.
const LOCKS: [&str; 3] = ["package-lock.json", "go.sum", "nohup.out"];
/// Endings of documents, logs, and what compilers and editors leave behind.
const LEFT_OUT: [&str; 15] =
    ["md", "log", "scenario", "wasm", "new", "o", "a", "pyc", "tmp", "bak", "orig", "rej", "swp", "pid", "lock"];
/// Endings of files that tools compile or read by themselves.
const CODE: [&str; 25] = [
    "rs", "js", "mjs", "cjs", "jsx", "ts", "mts", "cts", "tsx", "py", "go", "mod", "c", "cc", "cpp", "cxx", "h", "hh",
    "hpp", "inc", "s", "wit", "toml", "sh", "pyi",
];
/// Files with settings of tools.
const SETTINGS: [&str; 4] = ["package.json", "tsconfig.json", "jsconfig.json", "requirements.txt"];

/// What a file is to a build.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::project) enum Kind {
    /// Nothing: a document, a log, something that was made.
    LeftOut,
    /// Built from.
    Code,
    /// Built from if code names it.
    Data,
}

impl Kind {
    pub(in crate::project) fn of(file: &Path) -> Self {
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        let ending = file.extension().unwrap_or_default().to_string_lossy();
        if name.starts_with('.')
            || name.ends_with('~')
            || LOCKS.contains(&&*name)
            || LEFT_OUT.contains(&&*ending)
            || name.starts_with("LICENSE")
        {
            Self::LeftOut
        } else if CODE.contains(&&*ending) || SETTINGS.contains(&&*name) {
            Self::Code
        } else {
            Self::Data
        }
    }
}

/// Whether source may lie in a folder.
pub(super) fn may_hold_source(folder: &Path) -> bool {
    let name = folder.file_name().unwrap_or_default().to_string_lossy();
    let left_out = name.starts_with('.') || NOT_SOURCE.contains(&&*name);
    // A page needs no build; the server has it from the disk each time. An environment of Python's has this file.
    !left_out && !folder.join("index.html").is_file() && !folder.join("pyvenv.cfg").is_file()
}

/// Whether code names a file of data: by its name, with or without its ending, by all files with its ending, or by a folder
/// that it is in.
pub(super) fn names(code: &str, below: &Path) -> bool {
    let text = |part: &std::ffi::OsStr| part.to_string_lossy().into_owned();
    let folders = below.parent().into_iter().flat_map(Path::iter).map(text);
    let all = below.extension().map(|ending| format!("*.{}", text(ending)));
    let stem = below.file_stem().map(|stem| format!("/{}", text(stem)));
    let name = below.file_name().map(text);
    folders.chain(all).chain(stem).chain(name).any(|part| code.contains(&part))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_and_what_tools_write_are_left_out() {
        for name in
            ["README.md", "dev.log", "LICENSE-MIT", "Cargo.lock", "x.wasm.new", "plugin.js~", ".x.swp", "main.o"]
        {
            assert_eq!(Kind::of(Path::new(name)), Kind::LeftOut, "{name}");
        }
        for name in ["plugin.js", "src/lib.rs", "roomcast.toml", "package.json", "build.sh", "go.mod"] {
            assert_eq!(Kind::of(Path::new(name)), Kind::Code, "{name}");
        }
        for name in ["data.json", "names.txt", "Makefile"] {
            assert_eq!(Kind::of(Path::new(name)), Kind::Data, "{name}");
        }
    }

    #[test]
    fn data_counts_if_code_names_it() {
        for (code, data) in [
            ("include_str!(\"names.txt\")", "src/names.txt"),
            ("import words from './words'", "words.json"),
            ("//go:embed *.html", "x.html"),
            ("open('tables/' + name)", "tables/a.csv"),
        ] {
            assert!(names(code, Path::new(data)), "{code}");
        }
        assert!(!names("export default {}", Path::new("data.json")));
    }
}
