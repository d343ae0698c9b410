//! `roomcast serve`: the configuration, the app, until a signal comes.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, Error, Result};
use clap::Args;
use toml::{Table, Value};

use crate::app::{self, App, ConfigSource};
use crate::config::{self, Config, set};
use crate::logging;

/// What can be said about the server on the command line. Everything else has a key in the configuration file.
#[derive(Debug, Clone, Args, Default)]
pub(super) struct ServeArgs {
    /// Plugins, in the order in which they are asked. None given: those of the configuration, or the embedded chat.
    #[arg(value_name = "PLUGIN.wasm")]
    plugins: Vec<PathBuf>,
    /// `none` runs the hub alone, without any plugin; otherwise one more plugin.
    #[arg(long = "plugin", value_name = "PLUGIN.wasm|none")]
    more_plugins: Vec<PathBuf>,
    /// The configuration file [default: roomcast.toml, if there is one here].
    #[arg(long, value_name = "FILE", env = "ROOMCAST_CONFIG")]
    config: Option<PathBuf>,
    /// What holds with any plugins.
    #[command(flatten)]
    server: ServerArgs,
}

/// Serve until a signal comes.
pub(super) fn run(args: &ServeArgs) -> Result<()> {
    let config = args.resolve()?;
    app::check(&config)?;
    let levels = logging::start(&config.log).map_err(Error::msg)?;
    let once_more = args.clone();
    let resolve = Box::new(move || once_more.resolve());
    let source = ConfigSource { resolve, levels, reload_requested: Arc::default() };
    serve(&args.server, App::start(config, source), |app| {
        app.addresses.log();
        Ok(())
    })
}

/// Have an app serve until a signal comes; `ready` is called once when it does.
pub(super) fn serve(
    args: &ServerArgs,
    start: impl Future<Output = Result<App, String>>,
    ready: impl FnOnce(&App) -> Result<()>,
) -> Result<()> {
    let runtime = tokio::runtime::Runtime::new().context("starting the runtime")?;
    let outcome = runtime.block_on(async {
        let app = start.await.map_err(Error::msg)?;
        ready(&app)?;
        if let Some(path) = &args.ports_file {
            app.addresses.write(path).with_context(|| path.display().to_string())?;
        }
        app.run_until_signal().await;
        Ok(())
    });
    // A name that is being looked up for a plugin, or a component that is being compiled, cannot be broken off.
    runtime.shutdown_timeout(app::GRACE);
    outcome
}

/// What can be said about the server beside the plugins.
#[derive(Debug, Clone, Args, Default)]
pub(super) struct ServerArgs {
    /// Where clients connect [default: 127.0.0.1:8080]; port 0 takes a free one.
    #[arg(long, value_name = "ADDR")]
    listen: Option<String>,
    /// The stream's path [default: /sse].
    #[arg(long, value_name = "PATH")]
    path: Option<String>,
    /// The path that takes clients' messages [default: /send].
    #[arg(long, value_name = "PATH")]
    message_path: Option<String>,
    /// Where operators and publishers connect [default: 127.0.0.1:9090], or `off`.
    #[arg(long, value_name = "ADDR|off")]
    api: Option<String>,
    /// Serve the files of this folder next to the stream.
    #[arg(long = "static", value_name = "DIR")]
    files: Option<PathBuf>,
    /// How to log.
    #[arg(long, value_name = "FORMAT", value_enum)]
    log_format: Option<logging::Format>,
    /// Set any key, for example: --set hub.keepalive=5s; of one plugin: --set plugin.NAME.config.KEY=VALUE, and so for
    /// limits and capabilities
    #[arg(long = "set", value_name = "SECTION.KEY=VALUE", value_parser = setting)]
    settings: Vec<SetOption>,
    /// Write the addresses to this file, as JSON, once the server is ready.
    #[arg(long, value_name = "FILE")]
    ports_file: Option<PathBuf>,
}

/// One `--set`.
#[derive(Debug, Clone)]
struct SetOption {
    section: String,
    key: String,
    value: String,
}

fn setting(text: &str) -> Result<SetOption, String> {
    let (name, value) = text.split_once('=').ok_or("write SECTION.KEY=VALUE, for example hub.keepalive=5s")?;
    if name == "plugins" || name.starts_with("plugins.") {
        return Err(
            "write plugin.NAME.config.KEY=VALUE (or limits, or capabilities) for a key of one plugin; which plugins \
                    there are is said by roomcast.toml or by naming their files"
                .into(),
        );
    }
    let (section, key) = name.split_once('.').ok_or("write SECTION.KEY=VALUE, for example hub.keepalive=5s")?;
    Ok(SetOption { section: section.into(), key: key.into(), value: value.into() })
}

impl ServeArgs {
    /// What a project is served with: these plugins, or what this configuration file says.
    pub(super) fn of_project(plugins: Vec<PathBuf>, config: Option<PathBuf>, server: ServerArgs) -> Self {
        Self { plugins, more_plugins: Vec::new(), config, server }
    }

    /// The whole configuration: the file, over it the environment, over it the command line.
    ///
    /// # Errors
    /// What is wrong with it, and where.
    pub(super) fn resolve(&self) -> Result<Config, config::Error> {
        Config::resolve(config_file(self.config.as_deref()).as_deref(), self.overrides()?)
    }

    /// Whether the command line names this key of a section.
    pub(super) fn names(&self, section: &str, key: &str) -> bool {
        self.server.overrides().get(section).is_some_and(|section| section.get(key).is_some())
    }

    /// What the command line says, as a layer of configuration.
    ///
    /// # Errors
    /// When it contradicts itself.
    fn overrides(&self) -> Result<Table, config::Error> {
        let mut table = self.server.overrides();
        if let Some(plugins) = self.chain()? {
            table.insert("plugins".into(), Value::Array(plugins));
        }
        Ok(table)
    }

    fn chain(&self) -> Result<Option<Vec<Value>>, config::Error> {
        let plugins: Vec<_> = self.plugins.iter().chain(&self.more_plugins).collect();
        let none = Path::new("none");
        if plugins.contains(&&none.to_path_buf()) {
            return if plugins.len() == 1 {
                Ok(Some(Vec::new()))
            } else {
                Err("`none` cannot go with other plugins".to_owned().into())
            };
        }
        let entry = |path: &&PathBuf| {
            Value::Table(Table::from_iter([("path".to_owned(), Value::String(path.to_string_lossy().into_owned()))]))
        };
        Ok((!plugins.is_empty()).then(|| plugins.iter().map(entry).collect()))
    }
}

impl ServerArgs {
    fn overrides(&self) -> Table {
        let mut table = Table::new();
        for SetOption { section, key, value } in &self.settings {
            set(&mut table, section, key, value);
        }
        let texts = [
            ("server", "listen", &self.listen),
            ("endpoint", "path", &self.path),
            ("endpoint", "message_path", &self.message_path),
            ("api", "listen", &self.api),
        ];
        for (section, key, value) in
            texts.into_iter().filter_map(|(section, key, value)| Some((section, key, value.as_ref()?)))
        {
            set(&mut table, section, key, value);
        }
        if let Some(dir) = &self.files {
            set(&mut table, "static", "dir", &dir.to_string_lossy());
        }
        if let Some(format) = self.log_format {
            set(&mut table, "log", "format", if format == logging::Format::Json { "json" } else { "human" });
        }
        table
    }
}

/// The configuration file that was asked for, or the one that lies here.
pub(super) fn config_file(asked: Option<&Path>) -> Option<PathBuf> {
    let here = Path::new("roomcast.toml");
    asked.or_else(|| here.is_file().then_some(here)).map(Path::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plugin_on_the_command_line_is_set_by_its_name() {
        let server =
            ServerArgs { settings: vec![setting("plugin.x.config.rate=5").expect("right")], ..Default::default() };
        let args = ServeArgs::of_project(vec!["build/x.wasm".into()], None, server);
        let overrides = args.overrides().expect("right");
        let config = Config::from_layers(None, std::iter::empty(), overrides).expect("valid");
        let plugins = config.plugins.expect("one");
        assert_eq!(format!("{:?}", plugins[0].config.get("rate")), "Some(\"5\")");
        assert!(setting("plugins.0.config.rate=1").is_err_and(|why| why.contains("plugin.NAME.config.KEY")));
        assert!(setting("plugins=[]").is_err_and(|why| why.contains("plugin.NAME.config.KEY")));
    }
}
