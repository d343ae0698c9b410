//! `roomcast test`: scenarios for what a plugin does, without a network and without waiting.
//!
//! A scenario is a text: who connects and sends what, how time goes on, and what everybody gets. It is *parsed* into a
//! *script*, and each scenario is *run* in a *world* of its own: a server whose parts are the real ones, but for its sockets
//! and its *clock*. What went otherwise than it is written is a *fault*, with the *diff* to what was expected, and goes into
//! the *report*.

mod clock;
mod diff;
mod fault;
mod find;
mod logs;
mod parse;
mod pattern;
mod report;
mod run;
mod script;
mod show;
mod stage;
mod stream;
mod value;
mod world;

use crate::cli::TestArgs;
use find::Found;
use logs::Logs;
use report::Report;
use stage::Stage;

/// Run the scenarios that were asked for.
///
/// # Errors
/// What keeps them from being run, or how many of them have failed.
pub fn test(args: &TestArgs) -> Result<(), String> {
    let found = Found::new(args)?;
    let files = found.files(&args.names)?;
    let mut report = Report::new(args.verbose);
    if args.list {
        files.iter().for_each(|file| report.list(file));
        return report.finish();
    }
    let logs = Logs::start()?;
    let stage = Stage::set(&found)?;
    for file in &files {
        report.file(file);
        for scenario in &file.scenarios {
            let outcome = match stage.config(&scenario.settings) {
                Ok(config) => run::play(scenario, &config, &logs),
                Err(why) => run::Outcome::not_begun(scenario, why),
            };
            report.scenario(file, scenario, &outcome);
        }
    }
    report.finish()
}
