//! The floors as ARCHITECTURE.md lists them: blocks that are marked `floors`, with a line for each folder.
//!
//! `host/src: http > broker > hub, units` says that in `host/src` the module `http` stands above `broker`, and that
//! above `hub` and `units`, which share the lowest floor. The line may go on with lines that are indented.

use std::collections::BTreeMap;

use crate::failure::{Failure, Result};

/// The lines of the table, by folder.
#[derive(Default)]
pub(super) struct Floors(BTreeMap<String, Folder>);

/// The floor of each module of one folder, counted from the top.
pub(super) struct Folder(BTreeMap<String, usize>);

impl Floors {
    /// Reads the blocks of a Markdown text.
    pub(super) fn read(markdown: &str) -> Result<Self> {
        let mut floors = BTreeMap::new();
        for block in markdown.split("```floors\n").skip(1) {
            let lines = block.split("\n```").next().unwrap_or_default().replace("\n ", " ");
            for line in lines.lines().filter(|line| !line.trim().is_empty()) {
                let Some((folder, modules)) = line.split_once(':') else {
                    return Err(Failure::new(format!("ARCHITECTURE.md: \"{line}\" is not `folder: top > bottom`")));
                };
                floors.insert(folder.trim().to_owned(), Folder::read(modules));
            }
        }
        Ok(Self(floors))
    }

    /// The floors of a folder, if it has any.
    pub(super) fn of(&self, folder: &str) -> Option<&Folder> {
        self.0.get(folder)
    }
}

impl Folder {
    fn read(modules: &str) -> Self {
        let floors = modules.split('>').enumerate();
        let named = floors.flat_map(|(floor, names)| names.split(',').map(move |name| (name.trim().to_owned(), floor)));
        Self(named.collect())
    }

    /// Why one module may not import from another; none if it may.
    pub(super) fn fault(&self, from: &str, to: &str) -> Option<String> {
        let missing = |name: &str| format!("`{name}` is on no floor: give it one in ARCHITECTURE.md");
        let Some(upper) = self.0.get(from) else { return Some(missing(from)) };
        let Some(lower) = self.0.get(to) else { return Some(missing(to)) };
        (upper >= lower).then(|| format!("`{from}` imports from `{to}`, which is not on a floor below it"))
    }
}
