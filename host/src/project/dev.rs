//! `roomcast dev`: a project is built again whenever its source changes, beside a server that takes each component in.

mod kind;
mod repeats;
mod source;

use std::io;
use std::path::PathBuf;
use std::thread;
use std::time::Instant;

use super::build::{Built, build, note};
use super::folder::{Folder, shown};
use repeats::Repeats;
use source::{MOST, Source};

/// Build a project until it is a plugin, which may need changes to its source; from then on, in a thread of its own,
/// whenever the source changes. A change of `roomcast.toml` calls `configured`.
///
/// # Errors
/// When the system refuses a thread.
pub fn develop(project: Folder, configured: impl Fn() + Send + 'static) -> io::Result<()> {
    let mut source = Source::of(&project);
    if source.is_full() {
        note(format_args!(
            "the project has more than {MOST} files, and changes are noticed in {MOST} of them: a folder that is no source \
             can have a name with a dot in front"
        ));
    }
    while report(&project).is_none() {
        note("waiting for a change");
        source.wait_for_change();
    }
    let build = move || {
        let mut repeats = Repeats::default();
        let mut ended = Instant::now();
        loop {
            let changed = source.wait_for_change();
            let config = project.config();
            if changed.contains(&config) {
                configured();
            }
            if changed.iter().all(|file| *file == config) {
                continue;
            }
            let after = ended.elapsed();
            match report(&project) {
                Some(built) if repeats.too_many(built.hash(), after) => {
                    note(format_args!(
                        "the component is the same again, and each build is followed by a change of {}: it is not watched any \
                         more, until `roomcast dev` is started again",
                        listed(&changed)
                    ));
                    source.pass_over(&changed);
                }
                Some(_) => {}
                None => note("the previous version keeps serving; waiting for a change"),
            }
            ended = Instant::now();
        }
    };
    // It ends with the process: what a build makes is put into place as a whole, or not at all.
    thread::Builder::new().name("build".into()).spawn(build).map(drop)
}

/// Build it, and say what came of it.
fn report(project: &Folder) -> Option<Built> {
    match build(project) {
        Ok(built) => {
            note(&built);
            Some(built)
        }
        Err(why) => {
            note(why);
            None
        }
    }
}

fn listed(files: &[PathBuf]) -> String {
    files.iter().map(|file| shown(file)).collect::<Vec<_>>().join(", ")
}
