//! JavaScript and TypeScript: the SDK's builder, which runs on Node.js, bundles them, and QuickJS reads the bundle.

mod engine;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow, bail};

use super::Job;
use crate::plugin;
use crate::progress::announced;
use crate::project::folder::shown;
use crate::project::language::Language;
use crate::project::sdk;
use crate::project::sdk_source::SdkSource;
use crate::project::tool::{Install, MissingTool, Tool};

const OLDEST: u32 = 20;
/// What the builder needs, in the version that the SDK's package.json pins.
const PACKAGE: &str = "esbuild";

const NODE: Install = Install {
    debian: "apt install nodejs npm",
    fedora: "dnf install nodejs npm",
    mac: "brew install node",
    windows: "winget install OpenJS.NodeJS",
    elsewhere: "install Node.js 20 or newer, with npm, by your system's packages",
};

pub(super) fn build(job: &Job<'_>, language: Language) -> Result<PathBuf> {
    // The published SDK is among the project's packages, of which npm makes sure.
    let sdk = match SdkSource::of(job.project, language) {
        SdkSource::Vendored => sdk::of(job.project, language)?,
        SdkSource::Registry => job.folder().join("node_modules/roomcast"),
    };
    let node = Tool::of_environment("NODE").unwrap_or_else(|| Tool::new("node"));
    let Some(version) = node.ask(job.folder(), &["--version"]) else {
        let name = language.name();
        bail!(MissingTool(format!("Node.js is not installed, and builds plugins in {name}: {}", NODE.command())));
    };
    let major = version.trim_start_matches('v').split('.').next().and_then(|major| major.parse::<u32>().ok());
    if major.is_none_or(|major| major < OLDEST) {
        let needed = format!("Node.js is {version}, and version {OLDEST} or newer is needed: {}", NODE.command());
        bail!(MissingTool(needed));
    }
    install(job, &sdk)?;
    let builder = sdk.join("builder/main.mjs");
    if !builder.is_file() {
        bail!(
            "{} is missing: the package `roomcast` is damaged; remove node_modules, and build again",
            shown(&builder)
        );
    }
    let out = job.work.join("javascript");
    node.run(job.folder()).arg(builder).arg(job.folder()).arg(&out).done()?;

    let read = |name: &str| fs::read(out.join(name)).with_context(|| out.join(name).display().to_string());
    let engine = engine::component(&read("engine.wasm")?, &out.join("wit"))?;
    let bundle = String::from_utf8(read("bundle.js")?).context("the bundle is not text")?;
    let what = "compiling the JavaScript engine, once";
    let component = announced(what, || plugin::snapshot(job.engine, &engine, &bundle));
    let component = component.context("the component could not be made")?;
    let made = out.join("plugin.wasm");
    fs::write(&made, engine::rename_imports(component)?).with_context(|| made.display().to_string())?;
    Ok(made)
}

/// The tools, once. Packages run no scripts of their own: esbuild brings its program as a package for this system. npm
/// installs them beside the project's own packages; for an SDK outside of the project it does not, so there they
/// go into the SDK.
fn install(job: &Job<'_>, sdk: &Path) -> Result<()> {
    let has = |folder: &Path, package: &str| folder.join("node_modules").join(package).exists();
    let ready = || has(job.folder(), PACKAGE) || has(sdk, PACKAGE);
    let linked = has(job.folder(), "roomcast");
    for folder in [job.folder(), sdk] {
        if ready() && (linked || folder != job.folder()) {
            continue;
        }
        let npm = Tool::new(if cfg!(windows) { "npm.cmd" } else { "npm" });
        if npm.ask(folder, &["--version"]).is_none() {
            let needed = "npm is not installed; it brings the tools that a plugin is built with";
            bail!(MissingTool(format!("{needed}: {}", NODE.command())));
        }
        job.say(format_args!("installing the tools, once: npm install in {}", shown(folder)));
        let quiet = ["--ignore-scripts", "--no-audit", "--no-fund", "--no-progress", "--loglevel=error"];
        let installed = npm.run(folder).arg("install").args(quiet).done();
        installed.map_err(|why| anyhow!("{why}; it needs the npm registry, or a cache of it"))?;
    }
    Ok(())
}
