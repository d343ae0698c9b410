//! The server beside the builds: what serves in it, and how a new version gets there.

use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::Arc;

use tokio::runtime::Handle;
use tokio::sync::Notify;

use super::candidate::Candidate;
use super::keys::{self, KEYS, Key};
use super::outcome::Outcome;
use super::say::{BAD, DIM, GOOD, LARGE, say};
use super::served::Served;
use super::{browser, page};
use crate::app::{Addresses, App};
use crate::http::Development;
use crate::plugin::{BadVersion, Chain, PluginConfig, ReloadError, Reloaded, Reloader, StateChoice};
use crate::project::build::note;
use crate::project::folder::Folder;

/// A development server that runs. Clones are the same one.
#[derive(Clone)]
pub struct Running {
    runtime: Handle,
    chain: Chain,
    reloader: Reloader,
    configured: Arc<Notify>,
    development: Development,
    addresses: Addresses,
    plugin: String,
    served: Served,
}

impl Running {
    /// The server with this plugin of its author's, and what is served as it. Within its runtime. `configured` has the
    /// configuration read again.
    pub(crate) fn new(
        app: &App,
        development: Development,
        (plugin, served): (String, Served),
        configured: Arc<Notify>,
    ) -> Self {
        Self {
            runtime: Handle::current(),
            chain: app.chain().clone(),
            reloader: app.reloader().clone(),
            configured,
            development,
            addresses: app.addresses.clone().local(),
            plugin,
            served,
        }
    }

    /// Say where it is.
    pub fn announce(&self, built: &str) {
        say(format_args!(
            "\n  {LARGE}{}{LARGE:#}  {GOOD}{built}, version {} serves{GOOD:#}\n",
            self.plugin,
            self.serving().0
        ));
        if let Some(api) = self.addresses.api() {
            say(format_args!("     {DIM}API{DIM:#}     {api}"));
        }
        if keys::are_there() {
            say(format_args!("     {DIM}keys{DIM:#}    {DIM}{KEYS}{DIM:#}"));
        }
        let (stream, messages) = (self.addresses.stream(), self.addresses.messages());
        match self.addresses.page() {
            Some(page) => {
                say(format_args!("     {DIM}stream{DIM:#}  {stream}  {DIM}messages{DIM:#}  {messages}"));
                say(format_args!("  {GOOD}➜{GOOD:#}  {LARGE}page    {page}{LARGE:#}\n"));
            }
            None => {
                say(format_args!("     {DIM}messages{DIM:#}  {messages}"));
                say(format_args!("  {GOOD}➜{GOOD:#}  {LARGE}stream  {stream}{LARGE:#}\n"));
            }
        }
    }

    /// Show the page in the browser.
    pub fn open(&self) {
        match self.addresses.page() {
            Some(page) => browser::open(&page),
            None => note("there is no page to open: `static.dir` in roomcast.toml names its folder"),
        }
    }

    /// Do what is typed, if this is a terminal.
    ///
    /// # Errors
    /// When the system refuses a thread.
    pub fn obey_keys(&self, project: Folder) -> std::io::Result<()> {
        if !keys::are_there() {
            return Ok(());
        }
        let running = self.clone();
        keys::read(move |key| running.press(key, &project))
    }

    /// Have browsers load the page again when its files change.
    ///
    /// # Errors
    /// When the system refuses a thread.
    pub fn follow_page(&self, folder: PathBuf) -> std::io::Result<()> {
        let development = self.development.clone();
        page::watch(folder, move || {
            note("the page has changed");
            development.page_changed();
        })
    }

    fn press(&self, key: Key, project: &Folder) {
        match key {
            Key::Open => self.open(),
            Key::Reload => self.reload_fresh(),
            Key::Test => self.test(project),
            // As Ctrl-C does it: streams end in order, and a second one does not wait.
            Key::Quit => _ = rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::INT),
            Key::Help => say(KEYS),
        }
    }

    fn reload_fresh(&self) {
        match self.reload(StateChoice::Fresh) {
            Ok(reloaded) => {
                self.development.serves(reloaded.generation);
                say(format_args!("{GOOD}version {} serves, without state{GOOD:#}", reloaded.generation));
            }
            Err(why) => say(format_args!("{BAD}error:{BAD:#} {why}")),
        }
    }

    /// There is a candidate: have it take over, unless it serves already.
    pub(super) fn take(&self, candidate: &Candidate) -> Outcome {
        let (effort, (serving, hash)) = (candidate.effort(), self.serving());
        let is_same = match candidate {
            Candidate::Built(built) => hash == built.hash(),
            Candidate::Interpreted(_) => {
                self.chain.config(&self.plugin).is_some_and(|config| self.served.is_in(&config))
            }
        };
        if is_same {
            return Outcome::Same { effort, serving };
        }
        match self.reload(StateChoice::HandOver) {
            Ok(reloaded) => Outcome::Taken { effort, reloaded },
            Err(why) => Outcome::Refused { effort, why },
        }
    }

    /// Say what has come of a change, here and in browsers.
    pub(super) fn tell(&self, outcome: &Outcome) {
        say(outcome);
        match outcome.failure() {
            Some(why) => self.development.failed(&why),
            None => self.development.serves(self.serving().0),
        }
    }

    /// Have the configuration read again.
    pub(super) fn reconfigure(&self) {
        self.configured.notify_one();
    }

    /// The version that serves, and the hash of its component.
    pub(super) fn serving(&self) -> (u64, String) {
        let plugins = self.chain.describe();
        let plugin = plugins.into_iter().find(|status| status.name == self.plugin);
        plugin.map_or_else(Default::default, |status| (status.generation, status.hash))
    }

    fn reload(&self, state: StateChoice) -> Result<Reloaded, ReloadError> {
        let served = self.served.clone();
        let change = move |config: &mut PluginConfig| served.put_into(config);
        self.runtime.block_on(self.reloader.reload_changed(&self.plugin, state, BadVersion::Allow, change))
    }

    /// Run the project's scenarios, in a process of their own: their clock stands still.
    fn test(&self, project: &Folder) {
        let program = std::env::current_exe().unwrap_or_else(|_| "roomcast".into());
        let mut test = Command::new(program);
        test.arg("test").arg(project.path()).stdin(Stdio::null());
        // They are for the component, which is built already, unless something else is served in its place.
        if self.served.now().is_none() {
            test.arg("--no-build");
        }
        if let Err(why) = test.status() {
            say(format_args!("{BAD}error:{BAD:#} the scenarios are not run: {why}"));
        }
    }
}
