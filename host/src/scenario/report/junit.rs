//! For what shows the results of tests: a document in the format of JUnit, as Jenkins and GitLab read it.

use std::io::{self, Write, stdout};
use std::time::Duration;

use anstream::adapter::strip_str;
use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};

use super::{Form, Played, Tally, human};
use crate::scenario::Detail;
use crate::scenario::find::File;
use crate::scenario::script::Scenario;

/// What the document has, which is printed as a whole at the end.
pub(super) struct Junit {
    detail: Detail,
    suites: Vec<TestSuite>,
    /// What has no place in a result.
    remarks: String,
}

impl Junit {
    pub(super) fn new(detail: Detail) -> Self {
        Self { detail, suites: Vec::new(), remarks: String::new() }
    }
}

impl Form for Junit {
    fn listed(&mut self, file: &File, scenario: &Scenario) -> io::Result<()> {
        // The format has no lists.
        writeln!(stdout(), "{}:{}: {}", file.path.display(), scenario.line, scenario.name)
    }

    fn never_called(&mut self, export: &str) -> io::Result<()> {
        self.remarks.push_str(&format!("never called: {export}\n"));
        Ok(())
    }

    fn file(&mut self, file: &File) -> io::Result<()> {
        let mut suite = TestSuite::new(file.path.display().to_string());
        suite.set_time(Duration::ZERO);
        if !self.remarks.is_empty() {
            suite.set_system_out(std::mem::take(&mut self.remarks));
        }
        self.suites.push(suite);
        Ok(())
    }

    fn played(&mut self, played: &Played<'_>) -> io::Result<()> {
        let Played { file, scenario, outcome, took } = played;
        let status = match &outcome.failure {
            None => TestCaseStatus::success(),
            Some(failure) => {
                let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
                let text = human::explained(file, failure).join("\n");
                status.set_message(failure.fault.why.as_str()).set_description(strip_str(&text).to_string());
                status
            }
        };
        let mut case = TestCase::new(scenario.name.as_str(), status);
        let path = file.path.display().to_string();
        case.set_classname(file.path.file_stem().unwrap_or_default().to_string_lossy().into_owned()).set_time(*took);
        case.extra.insert("file".into(), path.into());
        case.extra.insert("line".into(), scenario.line.to_string().into());
        if self.detail == Detail::All {
            case.set_system_out(outcome.transcript.join("\n"));
        }
        if let Some(suite) = self.suites.last_mut() {
            let sum = suite.time.unwrap_or_default() + *took;
            suite.set_time(sum).add_test_case(case);
        }
        Ok(())
    }

    fn finish(&mut self, _: Tally, took: Duration) -> io::Result<()> {
        let mut document = Report::new("roomcast");
        document.set_time(took).add_test_suites(std::mem::take(&mut self.suites));
        let text = document.to_string().map_err(io::Error::other)?;
        stdout().write_all(text.as_bytes())
    }
}
