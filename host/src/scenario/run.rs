//! One scenario, from its first step to its end, or to the first step that does not go as it is written.

mod act;
mod compare;
mod expect;
mod upstream;

use std::collections::{BTreeMap, HashSet};
use std::time::Duration;

use anyhow::{Context, Error};

use super::answer::Answer;
use super::clock::Clock;
use super::fault::{Failure, Fault};
use super::logs::Logs;
use super::pattern::Variables;
use super::script::{Ignored, Names, Scenario, Step, What};
use super::show;
use super::upstreams::Upstreams;
use super::value::{Value, quoted};
use super::world::{End, Link, PluginFailure, World};
use crate::config::Config;

/// How many lines of the log are shown beside a failure.
const LOG_LINES: usize = 12;

/// The result of a scenario.
pub(super) struct ScenarioOutcome {
    pub(super) failure: Option<Failure>,
    /// What was done and what came, with the time.
    pub(super) transcript: Vec<String>,
}

/// Play a scenario in a world of its own.
pub(super) fn play(scenario: &Scenario, config: &Config, logs: &Logs) -> ScenarioOutcome {
    logs.clear();
    let clock = Clock::default();
    let runtime = match clock.runtime().context("starting a runtime") {
        Ok(runtime) => runtime,
        Err(why) => return ScenarioOutcome::not_begun(scenario, &why),
    };
    runtime.block_on(async {
        let upstreams = Upstreams::default();
        // A plugin may ask when it starts.
        scenario.steps.iter().take(opening(&scenario.steps)).for_each(|step| {
            if let What::Upstream(step) = &step.what {
                upstreams.add(upstream::rule(step, &Variables::new()));
            }
        });
        let world = match World::start(config, clock, upstreams, logs).await {
            Ok(world) => world,
            Err(why) => {
                let mut outcome = ScenarioOutcome::not_begun(scenario, &why);
                if let Some(failure) = &mut outcome.failure {
                    failure.fault = std::mem::take(&mut failure.fault).with_note("the log", log(logs));
                }
                return outcome;
            }
        };
        let mut play = Play::new(world, logs);
        let failure = play.all(&scenario.steps).await.err();
        let transcript = play.transcript.drain(..).map(|(time, text)| line(time, &text)).collect();
        play.world.stop().await;
        ScenarioOutcome { failure, transcript }
    })
}

impl ScenarioOutcome {
    /// It could not begin.
    pub(super) fn not_begun(scenario: &Scenario, why: &Error) -> Self {
        let source = format!("scenario {}", scenario.name);
        let fault = Fault::new(format!("{why:#}"));
        Self { failure: Some(Failure { line: scenario.line, source, fault }), transcript: Vec::new() }
    }
}

/// A scenario that is being played.
struct Play<'a> {
    world: World,
    logs: &'a Logs,
    variables: Variables,
    ignored: Vec<Ignored>,
    /// The last answer to each, and the step that asked.
    answers: BTreeMap<Asked, Asking>,
    /// A call has failed in this step, and the scenario has not said that it should.
    failed: Option<(Step, PluginFailure)>,
    /// A plugin has logged an error in this step, and the scenario has not said that it should.
    logged_error: Option<(Step, String)>,
    /// Streams whose end was expected.
    ends: HashSet<String>,
    /// How long the log was when the last thing was done.
    log_before: usize,
    /// What was done and what came, each with its time.
    transcript: Vec<(Duration, String)>,
}

/// Who has asked for something.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Asked {
    Stream(String),
    Message(String),
    Nobody,
    Api,
}

struct Asking {
    step: Step,
    answer: Answer,
    reply: Reply,
}

/// What kind of answer it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reply {
    Ok,
    /// A rejection or an error that no step of the scenario has asserted yet.
    Unexpected,
    /// A step has asserted it.
    Asserted,
}

type StepResult = Result<(), Fault>;

impl<'a> Play<'a> {
    fn new(world: World, logs: &'a Logs) -> Self {
        Self {
            world,
            logs,
            variables: Variables::new(),
            ignored: Vec::new(),
            answers: BTreeMap::new(),
            failed: None,
            logged_error: None,
            ends: HashSet::new(),
            log_before: 0,
            transcript: Vec::new(),
        }
    }

    async fn all(&mut self, steps: &[Step]) -> Result<(), Failure> {
        if let Some(first) = steps.first() {
            self.take_logged_error(first);
            self.nothing_unexpected_was_asked(first)?;
        }
        // Plugins may have logged something when they started.
        self.note_news();
        let opening = opening(steps);
        for (index, step) in steps.iter().enumerate() {
            if index < opening && matches!(step.what, What::Upstream(_)) {
                // Its upstream was there before the plugin started.
                continue;
            }
            let is_action = is_action(&step.what);
            if is_action {
                self.nothing_unasserted()?;
                self.log_before = self.logs.len();
            }
            let outcome = if is_action { self.action(step).await } else { self.expect(&step.what) };
            if is_action && let Some(failure) = self.world.failure() {
                self.note(&format!("  plugin `{}` fails: {}", failure.plugin, failure.why));
                self.failed = Some((step.clone(), failure));
            }
            if is_action {
                self.take_logged_error(step);
                self.nothing_unexpected_was_asked(step)?;
            }
            if let Err(fault) = outcome {
                // A plugin that has failed is the reason of what is found out afterwards.
                self.no_call_has_failed()?;
                return Err(self.failure(step, fault));
            }
        }
        self.nothing_unasserted()?;
        let Some(last) = steps.last() else { return Ok(()) };
        self.nothing_left_over(last)
    }

    async fn action(&mut self, step: &Step) -> StepResult {
        step.source.lines().for_each(|line| self.note(line.trim_end()));
        let begun = self.transcript.len();
        let outcome = self.act(step).await;
        self.note_news();
        // A call may have waited before it was answered.
        self.transcript[begun..].sort_by_key(|(time, _)| *time);
        outcome
    }

    /// What has happened since the last action.
    fn note_news(&mut self) {
        for (time, text) in self.world.take_news() {
            self.note_at(time, &format!("  {text}"));
        }
    }

    /// Remember the first error that a plugin has logged in this step: in some languages it is all that is seen of a fault
    /// in a hook without an answer.
    fn take_logged_error(&mut self, step: &Step) {
        let records = self.logs.since(self.log_before);
        let error = records.into_iter().find(|record| record.by_plugin && record.level == tracing::Level::ERROR);
        self.logged_error = error.map(|record| (step.clone(), record.text));
    }

    /// Fail if a rejection, a failed call or a logged error of the steps before has not been asserted.
    fn nothing_unasserted(&mut self) -> Result<(), Failure> {
        self.no_call_has_failed()?;
        self.no_error_was_logged()?;
        let unexamined = self.answers.iter().find(|(_, asking)| asking.reply == Reply::Unexpected);
        let Some((asked, asking)) = unexamined else { return Ok(()) };
        let answer = show::answer(&asking.answer);
        let (why, line) = match asked {
            Asked::Stream(name) => (format!("{name} was rejected: {answer}"), format!("{name} is rejected {answer}")),
            Asked::Message(name) => (format!("{name} was answered {answer}"), format!("{name} is answered {answer}")),
            Asked::Nobody => (format!("the answer was {answer}"), format!("nobody is answered {answer}")),
            Asked::Api => (format!("it was refused: {answer}"), format!("refused {answer}")),
        };
        let fault = Fault::new(why).with_note("if that is right, the next line of the scenario says so", vec![line]);
        Err(self.failure(&asking.step, fault))
    }

    fn no_call_has_failed(&mut self) -> Result<(), Failure> {
        let Some((step, PluginFailure { plugin, why })) = self.failed.take() else { return Ok(()) };
        Err(self.failure(&step, Fault::new(format!("plugin `{plugin}` failed: {why}"))))
    }

    fn no_error_was_logged(&mut self) -> Result<(), Failure> {
        let Some((step, text)) = self.logged_error.take() else { return Ok(()) };
        let line = format!("plugin logs error {}", quoted(&text));
        let fault = Fault::new(format!("a plugin logged an error: {text}"))
            .with_note("if that is right, the next line of the scenario says so", vec![line]);
        Err(self.failure(&step, fault))
    }

    /// At the end of a scenario no client has received anything that it does not assert.
    fn nothing_left_over(&mut self, last: &Step) -> Result<(), Failure> {
        let mut names: Vec<_> = self.world.clients.keys().cloned().collect();
        names.sort();
        for name in names {
            if let Err(fault) = self.nothing_left_for(&name) {
                return Err(self.failure(last, fault));
            }
        }
        Ok(())
    }

    fn nothing_left_for(&mut self, name: &str) -> StepResult {
        let Some(client) = self.world.clients.get_mut(name) else { return Ok(()) };
        let mut left = Vec::new();
        while let Some(received) = client.next(&self.ignored) {
            left.push(format!("{name} gets {}", show::received(&received)));
        }
        if !left.is_empty() {
            let why = format!("{name} has got more than the scenario says");
            let title = "these were left over (say that they come, or `ignore` them)";
            return Err(Fault::new(why).with_note(title, left));
        }
        if let Link::Ended { id, end: End::Closed } = client.link
            && !self.ends.contains(name)
        {
            let reason = self.world.end_of(id).map_or("unknown", |reason| reason.as_str());
            let why = format!("the stream of {name} was closed: {reason}");
            let line = format!("{name} is closed {reason}");
            return Err(Fault::new(why).with_note("if that is right, a line of the scenario says so", vec![line]));
        }
        Ok(())
    }

    /// A fault, with the step and with what the log has to say.
    fn failure(&self, step: &Step, fault: Fault) -> Failure {
        let fault = fault.with_note("the log", log(self.logs));
        Failure { line: step.line, source: step.source.clone(), fault }
    }

    fn note(&mut self, text: &str) {
        self.note_at(self.world.elapsed(), text);
    }

    fn note_at(&mut self, time: Duration, text: &str) {
        self.transcript.push((time, text.into()));
    }

    /// Names, as they are for one connection.
    fn variables_for(&self, name: &str) -> Variables {
        let mut variables = self.variables.clone();
        variables.insert("name".into(), Value::Text(name.into()));
        if let Some(id) = self.variables.get(name) {
            variables.insert("self".into(), id.clone());
        }
        variables
    }

    /// Do something for each of several.
    fn each(&mut self, who: &Names, mut one: impl FnMut(&mut Self, &str, &Variables) -> StepResult) -> StepResult {
        who.iter().try_for_each(|name| {
            let variables = self.variables_for(name);
            one(self, name, &variables)
        })
    }
}

/// A line of the transcript.
fn line(time: Duration, text: &str) -> String {
    let time = humantime::format_duration(time).to_string();
    format!("{time:>10}  {text}")
}

/// The last lines that say something about plugins, or about what is wrong.
fn log(logs: &Logs) -> Vec<String> {
    let records = logs.since(0);
    let telling = records.iter().filter(|record| record.is_telling());
    let mut lines: Vec<_> =
        telling.map(|record| format!("{:5} {}", record.level, record.text)).rev().take(LOG_LINES).collect();
    lines.reverse();
    lines
}

/// How many steps there are before the first action.
fn opening(steps: &[Step]) -> usize {
    steps.iter().take_while(|step| !is_action(&step.what)).count()
}

/// Whether a step is an action; otherwise it is an assertion.
fn is_action(what: &What) -> bool {
    matches!(
        what,
        What::Connect { .. }
            | What::Send { .. }
            | What::Disconnect { .. }
            | What::Advance(_)
            | What::Publish { .. }
            | What::Join { .. }
            | What::Leave { .. }
            | What::Close { .. }
            | What::Reload(_)
            | What::Crash
    )
}
