//! `roomcast dev`: a project is built again whenever its source changes, beside a server that takes each component in.

mod browser;
mod candidate;
mod keys;
mod outcome;
mod page;
mod ports;
mod repeats;
mod running;
mod say;
mod served;
mod source;

use std::io;
use std::path::PathBuf;
use std::thread;
use std::time::Instant;

use anyhow::Result;

use super::build::note;
use super::folder::{Folder, shown};
use super::sources::MOST;
use super::tool::MissingTool;
use candidate::Candidate;
use outcome::{Outcome, shortly};
pub use ports::{ChosenBy, HeldPorts, Ports};
use repeats::Repeats;
pub use running::Running;
use say::{BAD, say};
pub use served::Served;
use source::Source;

/// How many files are named that have changed.
const NAMED: usize = 3;

/// A project that its author works on.
pub struct Session {
    project: Folder,
    source: Source,
    served: Served,
    first: Candidate,
}

impl Session {
    /// Build a project until it is a plugin, which may need changes to its source. `served` gets what is served in place of
    /// the component.
    ///
    /// # Errors
    /// Which tool is missing, since no change to the source would bring it.
    pub fn begin(project: Folder, served: Served) -> Result<Self> {
        let mut source = Source::of(&project);
        if source.is_full() {
            note(format_args!(
                "the project has more than {MOST} files, and changes are noticed in {MOST} of them: a folder that is no source \
                 can have a name with a dot in front"
            ));
        }
        note(format_args!("building {}", project.path().file_name().unwrap_or_default().display()));
        loop {
            match Candidate::of(&project, &served) {
                Ok(first) => {
                    note(&first);
                    return Ok(Self { project, source, served, first });
                }
                Err(why) if why.is::<MissingTool>() => return Err(why),
                Err(why) => say(format_args!("{BAD}error:{BAD:#} {}; waiting for a change", shortly(&why))),
            }
            note(format_args!("{}: building", has_changed(&source.wait_for_change())));
        }
    }

    /// That the first component was built.
    pub fn built(&self) -> String {
        self.first.effort().to_string()
    }

    /// Build at every change, in a thread of its own, and have the server take each component in.
    ///
    /// # Errors
    /// When the system refuses a thread.
    pub fn build_at_changes(self, server: Running) -> io::Result<()> {
        // It ends with the process: what a build makes is put into place as a whole, or not at all.
        thread::Builder::new().name("build".into()).spawn(move || self.run(&server)).map(drop)
    }

    fn run(mut self, server: &Running) {
        let mut repeats = Repeats::default();
        let mut ended = Instant::now();
        loop {
            let changed = self.source.wait_for_change();
            let config = self.project.config();
            if changed.contains(&config) {
                server.reconfigure();
            }
            if changed.iter().all(|file| *file == config) {
                continue;
            }
            let doing = if self.served.now().is_some() { "reading" } else { "building" };
            note(format_args!("{}: {doing}", has_changed(&changed)));
            let after = ended.elapsed();
            match Candidate::of(&self.project, &self.served) {
                Ok(made) => {
                    made.never_called().for_each(|export| note(format_args!("never called: {export}")));
                    server.tell(&server.take(&made));
                    if repeats.too_many(&made.identity(), after) {
                        self.pass_over(&changed);
                    }
                }
                Err(why) => server.tell(&Outcome::NotBuilt { why, serving: server.serving().0 }),
            }
            ended = Instant::now();
        }
    }

    /// These files change because of the builds.
    fn pass_over(&mut self, changed: &[PathBuf]) {
        note(format_args!(
            "the component is the same again, and each build is followed by a change of {}: it is not watched any more, \
             until `roomcast dev` is started again",
            listed(changed)
        ));
        self.source.pass_over(changed);
    }
}

/// Which files have changed, in words.
fn has_changed(files: &[PathBuf]) -> String {
    match files {
        [file] => format!("{} has changed", shown(file)),
        files if files.len() <= NAMED => format!("{} have changed", listed(files)),
        files => format!("{} and {} more have changed", listed(&files[..NAMED - 1]), files.len() + 1 - NAMED),
    }
}

fn listed(files: &[PathBuf]) -> String {
    files.iter().map(|file| shown(file)).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_few_changed_files_are_named() {
        let files = ["/p/a.js", "/p/b.js", "/p/c.js", "/p/d.js"].map(PathBuf::from);
        assert_eq!(has_changed(&files[..1]), "/p/a.js has changed");
        assert_eq!(has_changed(&files[..3]), "/p/a.js, /p/b.js, /p/c.js have changed");
        assert_eq!(has_changed(&files), "/p/a.js, /p/b.js and 2 more have changed");
    }
}
