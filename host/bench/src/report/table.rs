//! What was found, as a table in Markdown.

use super::markdown;
use super::plot::Plot;
use crate::servers::subject::Subject;

/// The answer to one question.
pub(crate) struct Finding {
    pub(crate) title: String,
    pub(crate) unit: &'static str,
    pub(crate) series: Vec<Series>,
    pub(crate) aim: Option<Aim>,
    pub(crate) plot: Option<Plot>,
}

/// One line: the same thing measured in each round.
pub(crate) struct Series {
    pub(crate) subject: Subject,
    /// What sets the line apart from others of the same subject.
    detail: Option<String>,
    pub(crate) values: Vec<f64>,
}

/// What the server is to reach.
#[derive(Clone, Copy)]
pub(crate) enum Aim {
    /// Its median is at most this many times another's.
    Ratio { of: Subject, most: f64 },
    /// The value in the first line is at most this.
    FirstLine { most: f64 },
    /// The value in one line is at most this many times that in another.
    Lines { line: usize, of: usize, most: f64 },
}

impl Series {
    /// A line without values yet.
    pub(crate) fn new(subject: Subject) -> Self {
        Self { subject, detail: None, values: Vec::new() }
    }

    /// The same, of several of one subject.
    pub(crate) fn of(subject: Subject, detail: &str) -> Self {
        Self { subject, detail: Some(detail.to_owned()), values: Vec::new() }
    }

    /// A line with one value.
    pub(crate) fn one(subject: Subject, detail: String, value: f64) -> Self {
        Self { subject, detail: Some(detail), values: vec![value] }
    }

    /// The same line under a name that sets it apart from others of its subject.
    pub(crate) fn called(self, detail: &str) -> Self {
        Self { detail: Some(detail.to_owned()), ..self }
    }

    fn sorted(&self) -> Vec<f64> {
        let mut values = self.values.clone();
        values.sort_by(f64::total_cmp);
        values
    }

    pub(crate) fn median(&self) -> f64 {
        let values = self.sorted();
        let middle = values.len() / 2;
        match values.len() {
            0 => f64::NAN,
            count if count % 2 == 1 => values[middle],
            _ => f64::midpoint(values[middle - 1], values[middle]),
        }
    }

    fn name(&self) -> String {
        self.detail.as_ref().map_or_else(|| self.subject.to_string(), |detail| format!("{}, {detail}", self.subject))
    }
}

impl Finding {
    fn median_of(&self, subject: Subject) -> Option<f64> {
        self.series.iter().find(|series| series.subject == subject).map(Series::median)
    }

    pub(crate) fn render(&self) -> String {
        let bases = self.bases();
        let mut head = vec!["server".to_owned(), format!("median, {}", self.unit), "lowest to highest".to_owned()];
        head.extend(bases.iter().map(|(base, _)| format!("ratio to {base}")));
        let rows = self.series.iter().map(|series| {
            let (values, digits) = (series.sorted(), if self.unit == "bytes" { 0 } else { 2 });
            let ends = values.first().zip(values.last());
            let range = ends.map_or_else(String::new, |(low, high)| format!("{low:.digits$} to {high:.digits$}"));
            let mut cells = vec![series.name(), format!("{:.digits$}", series.median()), range];
            cells.extend(bases.iter().map(|(_, base)| format!("{:.2}", series.median() / base)));
            cells
        });
        let table = markdown::table(head, rows);
        let verdict = self.verdict().map_or_else(String::new, |verdict| format!("\n{verdict}\n"));
        format!("### {}\n\n{table}{verdict}", self.title)
    }

    /// What lines are compared with: the bare loops, and another server if the aim is about it.
    fn bases(&self) -> Vec<(Subject, f64)> {
        let loops = [Some(Subject::SendLoop), Some(Subject::JoiningLoop)];
        let aim = match self.aim {
            Some(Aim::Ratio { of, .. }) => Some(of).filter(|of| !loops.contains(&Some(*of))),
            _ => None,
        };
        // Of several lines of one none is the one to compare with.
        let lines = |base: &Subject| self.series.iter().filter(|series| series.subject == *base).count();
        let bases = loops.into_iter().chain([aim]).flatten().filter(|base| lines(base) == 1);
        bases.filter_map(|base| Some((base, self.median_of(base)?))).collect()
    }

    /// The aim and whether it is met; nothing when what it compares was not measured.
    fn verdict(&self) -> Option<String> {
        let (text, reached, most) = match self.aim? {
            Aim::Ratio { of, most } => {
                let reached = self.median_of(Subject::Roomcast)? / self.median_of(of)?;
                (format!("at most {most} times the {of}"), reached, most)
            }
            Aim::Lines { line, of, most } => {
                let (line, of) = (self.series.get(line)?, self.series.get(of)?);
                (format!("{}: at most {most} times {}", line.name(), of.name()), line.median() / of.median(), most)
            }
            Aim::FirstLine { most } => (format!("at most {most} {}", self.unit), self.series.first()?.median(), most),
        };
        let met = if reached <= most { "met" } else { "MISSED" };
        Some(format!("Aim: {text}. Reached: {reached:.2}, {met}."))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn series(subject: Subject, values: &[f64]) -> Series {
        Series { values: values.to_vec(), ..Series::new(subject) }
    }

    fn finding(roomcast: &[f64]) -> Finding {
        let series = vec![series(Subject::SendLoop, &[10.0, 8.0, 30.0]), series(Subject::Roomcast, roomcast)];
        let aim = Some(Aim::Ratio { of: Subject::SendLoop, most: 1.2 });
        Finding { title: "CPU".into(), unit: "us", series, aim, plot: None }
    }

    #[test]
    fn a_line_shows_median_range_and_ratio() {
        let text = finding(&[12.0, 10.0]).render();
        let cells: Vec<_> = text.lines().find(|line| line.contains("roomcast")).expect("its line").split('|').collect();
        let cells: Vec<_> = cells.into_iter().map(str::trim).collect();
        assert_eq!(cells, ["", "roomcast", "11.00", "10.00 to 12.00", "1.10", ""]);
        assert!(text.ends_with("Aim: at most 1.2 times the bare `send()` loop. Reached: 1.10, met.\n"), "{text}");
    }

    #[test]
    fn a_missed_aim_is_said() {
        assert!(finding(&[13.0]).render().contains("Reached: 1.30, MISSED."));
    }

    #[test]
    fn nothing_is_claimed_without_a_comparison() {
        let mut alone = finding(&[13.0]);
        alone.series.remove(0);
        assert!(!alone.render().contains("Aim"));
    }
}
