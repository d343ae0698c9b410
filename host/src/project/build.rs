//! `roomcast build`: from source to a component that was checked, and whose native code is in the cache.

mod c;
mod effort;
mod go;
mod inputs;
mod javascript;
mod python;
mod rust;
mod script;
mod stamp;

use std::fmt;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};

pub(super) use effort::Effort;
pub(super) use python::dev::Interpreted;

use super::folder::{Folder, shown};
use super::language::Language;
use crate::config::Config;
use crate::files::{self, Access};
use crate::plugin::{self, Engine, Report};
use crate::progress::announced;
use stamp::{Stamp, Stamping};

/// A component that was built.
#[derive(Debug)]
pub struct Built {
    /// Where it is, as people see it.
    shown: String,
    /// The hash of its bytes, in hex.
    hash: String,
    never_called: Vec<String>,
    /// What was built now; none if it was up to date.
    now: Option<Now>,
}

#[derive(Debug)]
struct Now {
    report: Report,
    took: Duration,
}

impl Built {
    /// The hash of its bytes, in hex.
    pub(super) fn hash(&self) -> &str {
        &self.hash
    }

    /// What that has taken.
    pub(super) fn effort(&self) -> Effort {
        self.now.as_ref().map_or(Effort::None, |now| Effort::Built(now.took))
    }

    /// Exports that the server never calls.
    pub(super) fn never_called(&self) -> impl Iterator<Item = &str> {
        self.never_called.iter().map(String::as_str)
    }
}

impl fmt::Display for Built {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.now {
            Some(Now { report, took }) => {
                let size = bytesize::ByteSize::b(report.size as u64).display().iec();
                write!(f, "{}: {size}, hooks: {}", self.shown, report.hooks.join(", "))?;
                write!(f, " ({})", humantime::format_duration(Duration::from_millis(took.as_millis() as u64)))?;
            }
            None => write!(f, "{} is up to date", self.shown)?,
        }
        self.never_called.iter().try_for_each(|export| write!(f, "\nnever called: {export}"))
    }
}

/// Build a project's component, put it into its place, and keep its native code for the server.
///
/// What the language's tools say is shown as they say it, on standard error. The component that was there stays until the
/// new one is complete and was found to be a plugin; if it was built from what there is now, it is up to date, and nothing is
/// done. Rust's own tool finds that out by itself, and knows packages outside of the project.
///
/// # Errors
/// Which tool is missing and how to get it, that a tool has failed, or why the component is not a plugin.
pub fn build(project: &Folder) -> Result<Built> {
    let began = Instant::now();
    let place = project.component()?;
    let work = place.parent().map_or_else(|| project.path().to_owned(), Path::to_owned);
    fs::create_dir_all(&work).with_context(|| work.display().to_string())?;
    let engine = engine(project)?;
    let job = Job::begin(project, &engine)?;
    let _alone = alone(&job)?;
    let language = project.language()?;
    let stamping = Stamping::begin(project, language, &place);
    if language != Language::Rust
        && let Some(Stamp { hash, never_called, .. }) = stamping.current()
        && let Ok((there, is_compiled)) = plugin::hash_file(&engine, &place)
        && there == hash
    {
        if !is_compiled {
            check(project, &engine, &place)?;
        }
        return Ok(Built { shown: shown(&place), hash, never_called, now: None });
    }
    let before = plugin::hash_file(&engine, &place).ok();
    let made = job.make(language)?;
    let report = check(project, &engine, &made)?;
    put(&made, &place).with_context(|| place.display().to_string())?;
    stamping.end(&report.hash, &report.never_called);
    let (hash, never_called) = (report.hash.clone(), report.never_called.clone());
    let is_up_to_date = language == Language::Rust && before.is_some_and(|(before, _)| before == hash);
    let now = (!is_up_to_date).then(|| Now { report, took: began.elapsed() });
    Ok(Built { shown: shown(&place), hash, never_called, now })
}

/// What `roomcast dev` serves in place of the component, if the project's language has that; the component stays as it is.
/// `before` is what it serves so far, none if it has just begun.
///
/// # Errors
/// What is wrong with the source, or why a component that reads it cannot be made.
pub(super) fn interpreted(project: &Folder, before: Option<&Interpreted>) -> Result<Option<Interpreted>> {
    if project.language().ok() != Some(Language::Python) {
        return Ok(None);
    }
    let engine = engine(project)?;
    let job = Job::begin(project, &engine)?;
    let _alone = alone(&job)?;
    python::dev::interpreted(&job, before).map(Some)
}

/// Wait until this is the project's only build: each has its files in the same folder. It is until the file is closed.
fn alone(job: &Job<'_>) -> Result<File> {
    let path = job.work.join(".lock");
    let open = || -> std::io::Result<File> {
        let file = File::create(&path)?;
        announced("another build of this project runs: waiting for its end", || file.lock())?;
        Ok(file)
    };
    open().with_context(|| path.display().to_string())
}

/// A build that runs.
struct Job<'a> {
    project: &'a Folder,
    engine: &'a Engine,
    /// The folder for what is made on the way.
    work: PathBuf,
}

impl<'a> Job<'a> {
    fn begin(project: &'a Folder, engine: &'a Engine) -> Result<Self> {
        let work = project.path().join("build");
        fs::create_dir_all(&work).with_context(|| work.display().to_string())?;
        Ok(Self { project, engine, work })
    }

    fn folder(&self) -> &Path {
        self.project.path()
    }

    /// Have the component made; where it lies.
    fn make(&self, language: Language) -> Result<PathBuf> {
        match language {
            Language::Rust => rust::build(self),
            Language::JavaScript | Language::TypeScript => javascript::build(self, language),
            Language::Python => python::build(self),
            Language::Go => go::build(self),
            Language::C | Language::Cpp => c::build(self, language),
            Language::Wit => script::build(self),
        }
    }

    /// Print a line of progress.
    fn say(&self, what: impl fmt::Display) {
        note(what);
    }
}

/// A line of progress.
pub(super) fn note(what: impl fmt::Display) {
    use std::io::Write;
    // Nothing is left to be done if even this fails.
    let _ = writeln!(std::io::stderr(), "roomcast: {what}");
}

/// What plugins are compiled and checked by, as the server of this project does.
fn engine(project: &Folder) -> Result<Engine> {
    let file = project.config();
    let config = Config::resolve(file.is_file().then_some(file.as_path()), toml::Table::new())?;
    Engine::with_compiler(&config.cache, &config.data, plugin::Compiler::new(&config.compiler))
        .map_err(anyhow::Error::msg)
}

/// Check that it is a plugin, which compiles it, and keep what that has made.
fn check(project: &Folder, engine: &Engine, made: &Path) -> Result<Report> {
    let bytes = fs::read(made).with_context(|| made.display().to_string())?;
    let name = project.component()?.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
    let size = bytesize::ByteSize::b(bytes.len() as u64).display().iec();
    let what = format!("compiling {size} to native code, which is kept");
    announced(&what, || plugin::inspect(engine, &name, &bytes)).map_err(anyhow::Error::msg)
}

/// Move a file into its place, in one step, since a server may be watching.
fn put(made: &Path, place: &Path) -> std::io::Result<()> {
    if made == place {
        return Ok(());
    }
    // A server that watches has it already.
    if fs::read(place).is_ok_and(|there| fs::read(made).is_ok_and(|made| made == there)) {
        return Ok(());
    }
    files::replace(place, Access::Shared, |file| fs::copy(made, file.path()).map(drop))
}
