//! `roomcast test`: scenarios for what a plugin does, without a network and without waiting.
//!
//! A scenario is a text: who connects and sends what, how time goes on, and what each client receives. It is *parsed* into a
//! *script*, and each scenario is *run* in a *world* of its own: a server whose parts are the real ones, but for its sockets
//! and its *clock*. The *upstreams* that its plugins ask are the scenario's, too. A mismatch is a *fault*, with the *diff* to what was expected, and goes into the *report*.

mod answer;
mod clock;
mod diff;
mod fault;
mod find;
mod logs;
mod normal;
mod parse;
mod pattern;
mod report;
mod request;
mod run;
mod script;
mod show;
mod stage;
mod upstreams;
mod value;
mod world;

use std::path::Path;
use std::time::Instant;

use anyhow::Result;
use find::Found;
use logs::Logs;
use report::Report;
use stage::Stage;

/// Which plugin, and which scenarios.
pub struct Selection<'a> {
    /// The plugin's folder, with its roomcast.toml; or a component.
    pub target: &'a Path,
    /// A folder with *.scenario files, or one such file; none: `scenarios` in the plugin's folder.
    pub scenarios: Option<&'a Path>,
    /// Only scenarios that have one of these texts in their name, or in their file's; empty: all.
    pub names: &'a [String],
}

/// How much is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Detail {
    /// What failed.
    Failures,
    /// Everything that was done and that came, with the time.
    All,
}

/// How the results are printed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum ReportFormat {
    /// Lines for people.
    #[default]
    Human,
    /// A JSON object a line.
    Json,
    /// A document in the format of JUnit.
    Junit,
}

/// Say which scenarios there are.
///
/// # Errors
/// What is wrong with their files.
pub fn list(selection: &Selection<'_>, format: ReportFormat) -> Result<()> {
    let mut report = Report::new(Detail::Failures, format);
    Found::new(selection)?.files(selection.names)?.iter().for_each(|file| report.list(file));
    report.finish()
}

/// Run scenarios.
///
/// # Errors
/// What keeps them from being run, or how many of them have failed.
pub fn test(selection: &Selection<'_>, detail: Detail, format: ReportFormat) -> Result<()> {
    let found = Found::new(selection)?;
    let files = found.files(selection.names)?;
    let mut report = Report::new(detail, format);
    let logs = Logs::start()?;
    let stage = Stage::set(&found)?;
    stage.never_called.iter().for_each(|export| report.never_called(export));
    for file in &files {
        report.file(file);
        for scenario in &file.scenarios {
            let began = Instant::now();
            let outcome = match stage.config(&scenario.settings) {
                Ok(config) => run::play(scenario, &config, &logs),
                Err(why) => run::ScenarioOutcome::not_begun(scenario, &why),
            };
            report.scenario(file, scenario, &outcome, began.elapsed());
        }
    }
    report.finish()
}
