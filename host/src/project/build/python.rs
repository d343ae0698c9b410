//! Python, by componentize-py: CPython for WebAssembly, with the plugin's modules, as they are after they have run.

use std::path::{Path, PathBuf};
use std::{env, fs};

use anyhow::{Context, Result, anyhow};

use super::Job;
use crate::project::folder::shown;
use crate::project::language::Language;
use crate::project::sdk;
use crate::project::tool::{Failed, Install, Tool, pythons};

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
    let sdk = sdk::of(job.project, Language::Python)?;
    let python = python(job, &sdk)?;
    let out = job.work.join("python");

    // Which hooks there are. This runs the plugin's file once, so mistakes are told by Python itself, and writes the
    // world to build against and the module to start from.
    let run = Tool::new(&python).run(job.folder()).args(["-m", "roomcast_sdk._build"]).arg(job.folder()).arg(&out);
    run.env("PYTHONPATH", &sdk).env("PYTHONDONTWRITEBYTECODE", "1").done()?;

    job.say("building by componentize-py, which takes a while");
    let made = out.join("plugin.wasm");
    componentize(job, &python, &sdk, &made).map_err(|failed| {
        let log = out.join("componentize.log");
        // The log has all of it; the part that helps is shown even if the log cannot be written.
        let _ = fs::write(&log, &failed.said);
        let said = in_own_words(&failed.said);
        anyhow!("{}plugin.py does not run in a component; the whole output is in {}", said, shown(&log))
    })?;
    Ok(made)
}

fn componentize(job: &Job<'_>, python: &Path, sdk: &Path, made: &Path) -> Result<(), Failed> {
    let out = job.work.join("python");
    let beside = python.parent().map(|folder| folder.join("componentize-py")).filter(|program| program.exists());
    let prefix = Tool::new(python).ask(job.folder(), &["-c", "import sys; print(sys.prefix)"]).unwrap_or_default();
    let mut run = Tool::new(beside.unwrap_or_else(|| "componentize-py".into())).run(job.folder()).arg("--quiet");
    for wit in [sdk.join("wit"), sdk.join("wit-http"), out.join("world.wit")] {
        run = run.arg("--wit-path").arg(wit);
    }
    run = run.args(["--world", "roomcast:python/component"]);
    for name in NAMES {
        run = run.args(["--import-interface-name", name]);
    }
    run = run.args(["componentize", "roomcast_entry"]);
    for place in [out.as_path(), job.folder(), sdk] {
        run = run.arg("--python-path").arg(place);
    }
    // What pip has installed in the environment is found, too, if it is pure Python.
    run.arg("--output").arg(made).env("VIRTUAL_ENV", prefix).env("RUST_BACKTRACE", "0").captured().map(drop)
}

/// A Python with componentize-py in the version that the SDK pins: the one of the project's environment, else the one that is
/// active, else the environment is made, once.
fn python(job: &Job<'_>, sdk: &Path) -> Result<PathBuf> {
    let pinned = fs::read_to_string(sdk.join("requirements.txt")).unwrap_or_default();
    let wanted = pinned.lines().find_map(|line| line.strip_prefix("componentize-py==")).map(str::trim);
    let wanted =
        wanted.with_context(|| format!("{}: it pins no componentize-py", sdk.join("requirements.txt").display()))?;
    let version = "from importlib.metadata import version; print(version('componentize-py'))";
    let ready = |python: &Path| Tool::new(python).ask(job.folder(), &["-c", version]).as_deref() == Some(wanted);
    let named = env::var_os("PYTHON").map(PathBuf::from);
    if let Some(python) = named.into_iter().chain(pythons(job.folder())).find(|python| ready(python)) {
        return Ok(python);
    }
    let recent = "import sys; print(sys.version_info >= (3, 10))";
    let recent = |python: &PathBuf| Tool::new(python).ask(job.folder(), &["-c", recent]).as_deref() == Some("True");
    let base = pythons(job.folder()).find(recent).with_context(|| {
        format!("Python 3.10 or newer is not installed, and builds plugins in Python: {}", PYTHON.command())
    })?;
    let own = job.folder().join("requirements.txt");
    let requirements = if own.is_file() { own } else { sdk.join("requirements.txt") };
    job.say(format_args!("installing componentize-py {wanted}, once, to {}", shown(&job.folder().join(".venv"))));
    let made = Tool::new(base).run(job.folder()).args(["-m", "venv", ".venv"]).done();
    made.map_err(|why| anyhow!("{why}; a virtual environment needs: {}", PYTHON.command()))?;
    let python = pythons(job.folder()).next().expect("it was just made");
    let run =
        Tool::new(&python).run(job.folder()).args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"]);
    let installed = run.arg("--requirement").arg(&requirements).done();
    installed.map_err(|why| anyhow!("{why}; it needs the package index, or a cache of it"))?;
    if ready(&python) {
        Ok(python)
    } else {
        Err(anyhow!("{} does not ask for componentize-py=={wanted}", requirements.display()))
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
