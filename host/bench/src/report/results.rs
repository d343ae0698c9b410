//! What is left of a run: one page of tables, and the plots beside it.

use std::path::Path;

use anyhow::Result;
use fs_err as fs;

use super::table::Finding;

/// The name of the page.
const PAGE: &str = "results.md";

/// Everything that was found, and where and how.
pub(crate) struct Results<'a> {
    pub(crate) findings: &'a [Finding],
    /// Date and machine.
    pub(crate) machine: &'a str,
    /// What repeats it.
    pub(crate) command: &'a str,
    /// What was not measured, and why.
    pub(crate) left_out: &'a [String],
}

impl Results<'_> {
    /// All of it as Markdown, for a terminal.
    pub(crate) fn render(&self) -> String {
        let tables: String = self.findings.iter().map(|finding| format!("{}\n", finding.render())).collect();
        format!("\n{}\n\n{tables}{}", self.machine, self.closing())
    }

    /// Writes the page and the plots into a folder.
    pub(crate) fn write(&self, folder: &Path) -> Result<()> {
        fs::create_dir_all(folder)?;
        let mut page = format!("# Results\n\n{}\n\n", self.machine);
        for finding in self.findings {
            page += &format!("{}\n", finding.render());
            if let Some(plot) = &finding.plot {
                let file = format!("{}.svg", plot.name);
                fs::write(folder.join(&file), plot.svg().as_bytes())?;
                page += &format!("![{}]({file})\n\n", plot.title);
            }
        }
        page += &self.closing();
        page.push('\n');
        fs::write(folder.join(PAGE), page.as_bytes())?;
        eprintln!("written: {}", folder.join(PAGE).display());
        Ok(())
    }

    fn closing(&self) -> String {
        let left_out: String = self.left_out.iter().map(|line| format!("- {}\n", in_one_line(line))).collect();
        let left_out = if left_out.is_empty() { left_out } else { format!("Left out:\n\n{left_out}\n") };
        format!(
            "{left_out}Every subscriber got every event once and in one order, in every round that counts.\n\
             To repeat it: `{}`",
            self.command
        )
    }
}

/// A list has one line for each of its items.
fn in_one_line(text: &str) -> String {
    text.lines().map(str::trim).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::plot::{Line, Plot};
    use crate::report::table::Series;
    use crate::servers::subject::Subject;

    fn finding() -> Finding {
        let line = Line { name: "roomcast".into(), points: vec![(1.0, 2.0)] };
        let plot = Plot { name: "grows", title: "It grows".into(), across: "size", up: "us", lines: vec![line] };
        let series = vec![Series::one(Subject::Roomcast, "at 1".into(), 2.0)];
        Finding { title: "Growth".into(), unit: "us", series, aim: None, plot: Some(plot) }
    }

    #[test]
    fn the_page_shows_tables_plots_and_what_is_missing() {
        let folder = std::env::temp_dir().join(format!("roomcast-bench-results-{}", std::process::id()));
        let left_out = ["nchan: not measured:\nno nginx".to_owned()];
        let findings = [finding()];
        let results = Results { findings: &findings, machine: "today; here", command: "bench", left_out: &left_out };
        results.write(&folder).expect("writable");
        let page = fs::read_to_string(folder.join(PAGE)).expect("written");
        assert!(page.contains("today; here") && page.contains("| roomcast, at 1 | 2.00 "), "{page}");
        assert!(
            page.contains("![It grows](grows.svg)") && page.contains("- nchan: not measured: no nginx\n"),
            "{page}"
        );
        assert!(fs::read_to_string(folder.join("grows.svg")).expect("written").starts_with("<svg"));
        fs::remove_dir_all(folder).expect("removable");
    }
}
