//! Python, by componentize-py: CPython for WebAssembly, with the plugin's modules, as they are after they have run.

pub(in crate::project) mod dev;

use std::path::{Path, PathBuf};
use std::{env, fs};

use anyhow::{Context, Result, anyhow};

use super::Job;
use crate::project::folder::shown;
use crate::project::language::Language;
use crate::project::sdk;
use crate::project::sdk_source::SdkSource;
use crate::project::tool::{Failed, Install, MissingTool, Run, Tool, pythons};

const PYTHON: Install = Install {
    debian: "apt install python3 python3-venv",
    fedora: "dnf install python3",
    mac: "brew install python3",
    windows: "winget install Python.Python.3.13",
    elsewhere: "install Python 3.10 or newer by your system's packages",
};

/// Interfaces whose short names collide get names that do not depend on which of them are used.
const NAMES: [&str; 4] = [
    "wasi:config/store@0.2.0-rc.1=wasi_config",
    "wasi:keyvalue/store@0.2.0-draft2=wasi_keyvalue",
    "roomcast:plugin/types@0.1.0=types",
    "wasi:http/types@0.2.12=wasi_http",
];

pub(super) fn build(job: &Job<'_>) -> Result<PathBuf> {
    let tools = Tools::of(job)?;
    let out = job.work.join("python");

    // Which hooks there are. This runs the plugin's file once, so mistakes are told by Python itself, and writes the
    // world to build against and the module to start from.
    tools.examine(job, "roomcast_sdk._build", &out).done()?;

    job.say("building by componentize-py, which takes a while");
    let made = out.join("plugin.wasm");
    tools.componentize(job, &out, &[job.folder()], &made)?;
    Ok(made)
}

/// A Python, and the SDK's parts.
struct Tools {
    python: PathBuf,
    /// The folder to import it from; none for the published one, which is among the packages of the Python.
    import_from: Option<PathBuf>,
    /// The folder with its WIT.
    wit: PathBuf,
}

impl Tools {
    fn of(job: &Job<'_>) -> Result<Self> {
        let copy = match SdkSource::of(job.project, Language::Python) {
            SdkSource::Vendored => Some(sdk::of(job.project, Language::Python)?),
            SdkSource::Registry => None,
        };
        let python = python(job, &Wanted::of(copy.as_deref())?)?;
        if let Some(copy) = copy {
            return Ok(Self { python, wit: copy.clone(), import_from: Some(copy) });
        }
        let place = "import roomcast_sdk; print(roomcast_sdk.__path__[0])";
        let found = Tool::new(&python).ask(job.folder(), &["-c", place]);
        let wit = found.with_context(|| format!("{} cannot import roomcast_sdk", python.display()))?;
        Ok(Self { python, import_from: None, wit: wit.into() })
    }

    /// A run of a module of the SDK.
    fn module(&self, job: &Job<'_>, name: &str) -> Run {
        let run = Tool::new(&self.python).run(job.folder()).args(["-m", name]);
        let run = self.import_from.iter().fold(run, |run, folder| run.env("PYTHONPATH", folder));
        run.env("PYTHONDONTWRITEBYTECODE", "1")
    }

    /// A run of one that examines the plugin, and writes to a folder.
    fn examine(&self, job: &Job<'_>, name: &str, out: &Path) -> Run {
        self.module(job, name).arg(job.folder()).arg(out)
    }

    /// Make a component of the entry point in `out`, where its world is, too, and of the modules in these folders.
    fn componentize(&self, job: &Job<'_>, out: &Path, modules: &[&Path], made: &Path) -> Result<()> {
        let ran = self.run_componentize(job, out, modules, made);
        ran.map_err(|failed| {
            let log = out.join("componentize.log");
            // The log has all of it; the part that helps is shown even if the log cannot be written.
            let _ = fs::write(&log, &failed.said);
            let said = in_own_words(&failed.said);
            anyhow!("{}plugin.py does not run in a component; the whole output is in {}", said, shown(&log))
        })
    }

    fn run_componentize(&self, job: &Job<'_>, out: &Path, modules: &[&Path], made: &Path) -> Result<(), Failed> {
        let python = &self.python;
        let beside = python.parent().map(|folder| folder.join("componentize-py")).filter(|program| program.exists());
        let prefix = Tool::new(python).ask(job.folder(), &["-c", "import sys; print(sys.prefix)"]).unwrap_or_default();
        let mut run = Tool::new(beside.unwrap_or_else(|| "componentize-py".into())).run(job.folder()).arg("--quiet");
        for wit in [self.wit.join("wit"), self.wit.join("wit-http"), out.join("world.wit")] {
            run = run.arg("--wit-path").arg(wit);
        }
        run = run.args(["--world", "roomcast:python/component"]);
        for name in NAMES {
            run = run.args(["--import-interface-name", name]);
        }
        run = run.args(["componentize", "roomcast_entry"]);
        for place in [out].iter().chain(modules).copied().chain(self.import_from.as_deref()) {
            run = run.arg("--python-path").arg(place);
        }
        // What pip has installed in the environment is found, too, if it is pure Python.
        run.arg("--output").arg(made).env("VIRTUAL_ENV", prefix).env("RUST_BACKTRACE", "0").captured()?;
        let package = self.import_from.as_ref().map_or_else(|| self.wit.clone(), |copy| copy.join("roomcast_sdk"));
        if !package.join("_free_bytes.py").is_file() {
            // An older SDK does without.
            return Ok(());
        }
        self.module(job, "roomcast_sdk._free_bytes").arg(made).captured().map(drop)
    }
}

/// What a Python has to have for a build.
struct Wanted {
    /// What is wanted, in words.
    named: String,
    /// A program that prints `True` if it is there.
    is_there: String,
    /// The list of packages that brings it, unless the project has one of its own.
    requirements: Option<PathBuf>,
}

impl Wanted {
    /// For a copy of the SDK, or else for the published one, which brings the tool as a package that it needs.
    fn of(copy: Option<&Path>) -> Result<Self> {
        let Some(copy) = copy else {
            let is_there = "from importlib.metadata import requires, version; \
                            print('componentize-py==' + version('componentize-py') in requires('roomcast-sdk'))";
            return Ok(Self { named: "roomcast-sdk".into(), is_there: is_there.into(), requirements: None });
        };
        let requirements = copy.join("requirements.txt");
        let pinned = fs::read_to_string(&requirements).unwrap_or_default();
        let version = pinned.lines().find_map(|line| line.strip_prefix("componentize-py==")).map(str::trim);
        let version = version.with_context(|| format!("{}: it pins no componentize-py", requirements.display()))?;
        Ok(Self {
            named: format!("componentize-py {version}"),
            is_there: format!(
                "from importlib.metadata import version; print(version('componentize-py') == '{version}')"
            ),
            requirements: Some(requirements),
        })
    }
}

/// A Python with what is wanted: the one of the project's environment, else the one that is active, else the environment is
/// made, once.
fn python(job: &Job<'_>, wanted: &Wanted) -> Result<PathBuf> {
    let says =
        |python: &Path, program: &str| Tool::new(python).ask(job.folder(), &["-c", program]).as_deref() == Some("True");
    let ready = |python: &Path| says(python, &wanted.is_there);
    let named = env::var_os("PYTHON").map(PathBuf::from);
    if let Some(python) = named.into_iter().chain(pythons(job.folder())).find(|python| ready(python)) {
        return Ok(python);
    }
    let recent = |python: &PathBuf| says(python, "import sys; print(sys.version_info >= (3, 10))");
    let base = pythons(job.folder()).find(recent).ok_or_else(|| {
        let needed = "Python 3.10 or newer is not installed, and builds plugins in Python";
        MissingTool(format!("{needed}: {}", PYTHON.command()))
    })?;
    let own = job.folder().join("requirements.txt");
    let requirements = wanted.requirements.as_ref().filter(|_| !own.is_file()).unwrap_or(&own);
    job.say(format_args!("installing {}, once, to {}", wanted.named, shown(&job.folder().join(".venv"))));
    let made = Tool::new(base).run(job.folder()).args(["-m", "venv", ".venv"]).done();
    made.map_err(|why| anyhow!("{why}; a virtual environment needs: {}", PYTHON.command()))?;
    let python = pythons(job.folder()).next().expect("it was just made");
    let run =
        Tool::new(&python).run(job.folder()).args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"]);
    let installed = run.arg("--requirement").arg(requirements).done();
    installed.map_err(|why| anyhow!("{why}; it needs the package index, or a cache of it"))?;
    if ready(&python) {
        Ok(python)
    } else {
        Err(anyhow!("{} does not ask for {}, as this SDK needs it", requirements.display(), wanted.named))
    }
}

/// What the plugin's file has said, without the tool's own frames, and with paths as they are here.
fn in_own_words(said: &str) -> String {
    let said = said.split("AssertionError: ").last().unwrap_or(said);
    let own = said.lines().take_while(|line| !line.starts_with("Caused by:"));
    own.map(|line| {
        let line = match line.split_once("File \"/") {
            Some((before, rest)) if rest.starts_with(|first: char| first.is_ascii_digit()) => {
                format!("{before}File \"{}", rest.split_once('/').map_or(rest, |(_, path)| path))
            }
            _ => line.to_owned(),
        };
        line + "\n"
    })
    .collect()
}
