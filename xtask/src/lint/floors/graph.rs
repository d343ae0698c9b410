//! The modules of one folder, and which imports from which.

use std::collections::BTreeMap;

use super::Import;

/// From importer and imported to one import that shows it.
#[derive(Default)]
pub(super) struct Graph<'a>(BTreeMap<(&'a str, &'a str), &'a Import>);

impl<'a> Graph<'a> {
    pub(super) fn add(&mut self, from: &'a str, to: &'a str, import: &'a Import) {
        self.0.entry((from, to)).or_insert(import);
    }

    pub(super) fn imports(&self) -> impl Iterator<Item = (&'a str, &'a str, &'a Import)> {
        self.0.iter().map(|(&(from, to), &import)| (from, to, import))
    }

    /// Every module that can reach itself, as a walk that does so; each walk once.
    pub(super) fn circles(&self) -> impl Iterator<Item = String> {
        let mut seen: Vec<&str> = Vec::new();
        let starts: Vec<&str> = self.0.keys().map(|&(from, _)| from).collect();
        starts.into_iter().filter_map(move |start| {
            if seen.contains(&start) {
                return None;
            }
            let walk = self.walk_back_to(start)?;
            seen.extend(walk.iter().map(|&(from, _)| from));
            Some(walk.iter().map(|edge| self.show(edge)).collect::<Vec<_>>().join(", "))
        })
    }

    /// The shortest walk from a module to itself.
    fn walk_back_to(&self, start: &'a str) -> Option<Vec<(&'a str, &'a str)>> {
        let mut reached: BTreeMap<&str, (&'a str, &'a str)> = BTreeMap::new();
        let mut next = std::collections::VecDeque::from([start]);
        while let Some(at) = next.pop_front() {
            for &(from, to) in self.0.keys().filter(|&&(from, _)| from == at) {
                if !reached.contains_key(to) {
                    reached.insert(to, (from, to));
                    next.push_back(to);
                }
            }
        }
        let mut walk = vec![*reached.get(start)?];
        while walk[0].0 != start {
            walk.insert(0, reached[walk[0].0]);
        }
        Some(walk)
    }

    fn show(&self, edge: &(&'a str, &'a str)) -> String {
        let import = self.0[edge];
        format!("{} -> {} ({}:{})", edge.0, edge.1, import.file.display(), import.line)
    }
}
