//! C and C++, by zig, which brings clang, libc and libc++ for WebAssembly: a core module, and a component of it.

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::time::SystemTime;
use std::{fs, io, thread};

use anyhow::{Context, Result, anyhow, bail};

use super::Job;
use crate::project::component::{Recipe, componentize};
use crate::project::language::Language;
use crate::project::sdk;
use crate::project::tool::{MissingTool, Run, Tool, for_project, pythons};

/// Another zig has another clang, with other warnings and bugs.
const WANTED: &str = "0.17.0";
const TARGET: [&str; 2] = ["-target", "wasm32-wasi"];

/// Small code. Mistakes end the call instead of spoiling memory: assert counts, and reading by a null pointer, which
/// WebAssembly allows, reading past an array, and the like, trap.
const BOTH: [&str; 10] = [
    "-Os",
    "-g0",
    "-Wall",
    "-Wextra",
    "-Wno-unused-parameter",
    "-fmacro-backtrace-limit=1",
    "-Werror=return-type",
    "-Werror=format",
    "-UNDEBUG",
    "-fsanitize=null,bounds,object-size,unreachable,return,integer-divide-by-zero",
];
/// What would compile and be wrong: `.data = "hi"` in place of `.data = RC("hi")`, and the like.
const C: [&str; 4] =
    ["-std=gnu23", "-Werror=incompatible-pointer-types", "-Werror=int-conversion", "-Werror=missing-braces"];
/// No exceptions and no run-time types: WebAssembly components have no means for the first, and the second cost size.
/// The library's own checks, such as of `v[i]`, are on, and say what was wrong; zig switches them off.
const CPP: [&str; 9] = [
    "-std=c++23",
    "-fno-exceptions",
    "-fno-rtti",
    "-U_LIBCPP_HARDENING_MODE",
    "-D_LIBCPP_HARDENING_MODE=_LIBCPP_HARDENING_MODE_FAST",
    "-U_LIBCPP_ASSERTION_SEMANTIC_DEFAULT",
    "-D_LIBCPP_ASSERTION_SEMANTIC_DEFAULT=_LIBCPP_ASSERTION_SEMANTIC_ENFORCE",
    "-Werror=overloaded-virtual",
    "-Wsuggest-override",
];

pub(super) fn build(job: &Job<'_>, language: Language) -> Result<PathBuf> {
    let sdk = sdk::of(job.project, language)?;
    let zig = Zig { tool: find(job)?, folder: job.folder() };
    let sources = Sources::of(job.folder()).map_err(|why| anyhow!("{}: {why}", job.project.show()))?;
    let library = job.work.join("sdk").join("libroomcast.a");
    if is_older(&library, &sdk) {
        job.say("compiling the SDK, once");
        make_library(&zig, &sdk, &library)?;
    }

    job.say("building by zig");
    let objects = job.work.join("objects");
    fresh(&objects)?;
    for file in &sources.c {
        let run = zig.run("cc").args(BOTH).arg("-fsanitize-trap=all").args(C).arg("-I").arg(sdk.join("include"));
        run.arg("-c").arg(file).arg("-o").arg(object(&objects, file)).done()?;
    }
    for file in &sources.cpp {
        let run = zig.run("c++").args(BOTH).arg("-fsanitize-trap=all").args(CPP).arg("-I").arg(sdk.join("include"));
        run.arg("-c").arg(file).arg("-o").arg(object(&objects, file)).done()?;
    }

    // `reactor`: functions to call, no main. The stack lies below everything else, so that overflowing it traps. Names of
    // functions stay, which zig strips only together with what is for debuggers: that is left out of the component.
    let core = job.work.join("core.wasm");
    let linker = zig.run(if sources.cpp.is_empty() { "cc" } else { "c++" });
    let linker = linker.args(["-Os", "-g", "-mexec-model=reactor", "-Wl,-z,stack-size=524288"]);
    let mut all: Vec<PathBuf> = sources.c.iter().chain(&sources.cpp).map(|file| object(&objects, file)).collect();
    all.extend(sources.objects);
    all.push(library);
    linker.args(all).arg("-o").arg(&core).done()?;

    let module = fs::read(&core).with_context(|| core.display().to_string())?;
    if !has_hook(&module) {
        bail!(
            "this plugin has no hook: in C name them in RC_HOOKS(...), in C++ override them and end with \
             ROOMCAST_PLUGIN(Name)"
        );
    }
    let component = job.work.join("core.component.wasm");
    let bytes = componentize(&module, &Recipe::default())?;
    fs::write(&component, bytes).with_context(|| component.display().to_string())?;
    Ok(component)
}

/// The compiler, as it is called for this target.
struct Zig<'a> {
    tool: Tool,
    folder: &'a Path,
}

impl Zig<'_> {
    fn run(&self, command: &str) -> Run {
        self.tool.run(self.folder).arg(command).args(TARGET)
    }
}

/// The files of a plugin: those of its folder, and of its folder `src`.
#[derive(Default)]
struct Sources {
    c: Vec<PathBuf>,
    cpp: Vec<PathBuf>,
    /// Such as the type of more imports, by wit-bindgen.
    objects: Vec<PathBuf>,
}

impl Sources {
    fn of(folder: &Path) -> io::Result<Self> {
        let mut sources = Self::default();
        for folder in [folder.to_owned(), folder.join("src")].iter().filter(|folder| folder.is_dir()) {
            for entry in fs::read_dir(folder)? {
                let path = entry?.path();
                match path.extension().and_then(|end| end.to_str()) {
                    Some("c") => sources.c.push(path),
                    Some("cpp" | "cc") => sources.cpp.push(path),
                    Some("o") => sources.objects.push(path),
                    _ => (),
                }
            }
        }
        for list in [&mut sources.c, &mut sources.cpp, &mut sources.objects] {
            list.sort();
        }
        Ok(sources)
    }
}

/// The SDK as a library, of which the linker takes what the plugin refers to: so a hook that it does not name is not
/// exported. With each hook comes its `_component_type.o`, a part of the component's type; these add up.
fn make_library(zig: &Zig<'_>, sdk: &Path, library: &Path) -> Result<()> {
    let folder = library.parent().expect("it lies in a folder");
    fresh(folder)?;
    let hooks = sdk.join("src/hooks");
    let bindings = sdk.join("bindings");
    let listed = || -> io::Result<(Vec<PathBuf>, Vec<PathBuf>)> {
        let mut sources = files(&sdk.join("src"), ".c")?;
        sources.extend(files(&hooks, ".c")?);
        sources.extend(["imports.c", "capabilities.c"].map(|file| bindings.join(file)));
        Ok((sources, files(&bindings, "_component_type.o")?))
    };
    let (sources, types) = listed().with_context(|| sdk.display().to_string())?;
    let objects: Vec<PathBuf> = sources
        .iter()
        .enumerate()
        .map(|(index, file)| {
            let name = file.file_stem().expect("a file has a name").to_string_lossy();
            folder.join(format!("{index}-{name}.o"))
        })
        .collect();
    // Many small files: as many at once as there are cores.
    let jobs: Vec<_> = sources.iter().zip(&objects).collect();
    let cores = thread::available_parallelism().map_or(1, NonZeroUsize::get);
    thread::scope(|scope| {
        let compile = |jobs: &[(&PathBuf, &PathBuf)]| -> Result<()> {
            jobs.iter().try_for_each(|(file, object)| {
                zig.run("cc").args(["-Os", "-g0", "-std=gnu23", "-c"]).arg(file).arg("-o").arg(object).done()
            })
        };
        let workers: Vec<_> =
            jobs.chunks(jobs.len().div_ceil(cores)).map(|part| scope.spawn(move || compile(part))).collect();
        workers.into_iter().try_for_each(|worker| worker.join().expect("compiling does not panic"))
    })?;
    let unfinished = folder.join("libroomcast.new");
    let archive = zig.tool.run(zig.folder).args(["ar", "rcs"]).arg(&unfinished);
    archive.args(objects.iter().chain(&types)).done()?;
    fs::rename(&unfinished, library).with_context(|| library.display().to_string())
}

fn files(folder: &Path, end: &str) -> io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_file() && path.to_string_lossy().ends_with(end) {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

/// Whether a file is not there, or older than something in a folder.
fn is_older(file: &Path, folder: &Path) -> bool {
    let Ok(made) = fs::metadata(file).and_then(|file| file.modified()) else { return true };
    newest(folder).is_ok_and(|newest| newest > made)
}

fn newest(folder: &Path) -> io::Result<SystemTime> {
    let mut newest = SystemTime::UNIX_EPOCH;
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let one =
            if entry.file_type()?.is_dir() { newest_below(&entry.path())? } else { entry.metadata()?.modified()? };
        newest = newest.max(one);
    }
    Ok(newest)
}

/// The same; folders of tests and of checks are not the SDK.
fn newest_below(folder: &Path) -> io::Result<SystemTime> {
    if folder.ends_with("check") { Ok(SystemTime::UNIX_EPOCH) } else { newest(folder) }
}

fn fresh(folder: &Path) -> Result<()> {
    let fresh = || {
        if folder.exists() {
            fs::remove_dir_all(folder)?;
        }
        fs::create_dir_all(folder)
    };
    fresh().with_context(|| folder.display().to_string())
}

fn object(objects: &Path, source: &Path) -> PathBuf {
    let beside = source.parent().and_then(Path::file_name).is_some_and(|folder| folder == "src");
    let name = source.file_name().expect("a file has a name").to_string_lossy();
    objects.join(format!("{}{name}.o", if beside { "src_" } else { "" }))
}

/// A hook is exported by a name such as `roomcast:plugin/connect@0.1.0#on-connect`.
fn has_hook(module: &[u8]) -> bool {
    let exports = wasmparser::Parser::new(0).parse_all(module).filter_map(|payload| match payload {
        Ok(wasmparser::Payload::ExportSection(exports)) => Some(exports),
        _ => None,
    });
    exports.flatten().flatten().any(|export| export.name.starts_with("roomcast:plugin/"))
}

fn find(job: &Job<'_>) -> Result<Tool> {
    let named = Tool::of_environment("ZIG");
    let by_python = pythons(job.folder()).map(|python| Tool::new(python).with("-m").with("ziglang"));
    let mut other = None;
    for tool in named.into_iter().chain([Tool::new("zig")]).chain(by_python) {
        match tool.ask(job.folder(), &["version"]) {
            Some(version) if version == WANTED => return Ok(tool),
            Some(version) => _ = other.get_or_insert(version),
            None => (),
        }
    }
    let found = match other {
        Some(version) => format!("a plugin in C or C++ is built by zig {WANTED}, and here is {version}"),
        None => format!("the compiler is not installed: zig {WANTED}, which brings clang and libc for WebAssembly"),
    };
    let install = for_project(job.folder(), &format!("ziglang=={WANTED}"));
    let needed = format!("{found}. Install it for this project, where `roomcast build` finds it:\n  {install}");
    Err(MissingTool(needed).into())
}
