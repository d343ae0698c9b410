//! What can be typed about a plugin's project.

use std::path::PathBuf;

use clap::Args;

use super::{ServeArgs, ServerArgs};
use crate::project::{Encoding, Folder, Language, Recipe};

/// A project to begin.
#[derive(Debug, Args)]
pub struct NewArgs {
    /// The folder to make; its last part is the plugin's name, of a-z, 0-9 and -.
    pub name: PathBuf,
    /// The language to write it in.
    #[arg(long, value_name = "LANG")]
    pub lang: Language,
}

/// A project to work on, and how it is served.
#[derive(Debug, Args)]
pub struct DevArgs {
    /// The project's folder.
    #[arg(default_value = ".")]
    pub dir: PathBuf,
    /// What the server is told.
    #[command(flatten)]
    pub server: ServerArgs,
}

impl DevArgs {
    /// What to serve.
    ///
    /// # Errors
    /// When the project's configuration does not say where the component is.
    pub fn serve(&self, project: &Folder) -> Result<ServeArgs, String> {
        let config = Some(project.config()).filter(|file| file.is_file());
        let plugins = if config.is_some() { Vec::new() } else { vec![project.component()?] };
        Ok(ServeArgs { plugins, more_plugins: Vec::new(), config, server: self.server.clone() })
    }
}

/// A core module, and what is to become of it.
#[derive(Debug, Args)]
pub struct ComponentArgs {
    /// The core module.
    #[arg(value_name = "CORE.wasm")]
    pub module: PathBuf,
    /// Where the component goes.
    #[arg(short, long, value_name = "PLUGIN.wasm")]
    pub output: PathBuf,
    /// The folder with the WIT, if the module does not describe its type itself, as with wit-bindgen's C it does.
    #[arg(long, value_name = "DIR", requires = "world")]
    pub wit: Option<PathBuf>,
    /// The world in it that the module implements.
    #[arg(long, value_name = "NAME", requires = "wit")]
    pub world: Option<String>,
    /// How texts lie in the module's memory.
    #[arg(long, value_enum, default_value_t)]
    pub encoding: Encoding,
}

impl ComponentArgs {
    /// What is known of the module.
    pub fn recipe(&self) -> Recipe {
        let world = self.wit.clone().zip(self.world.clone());
        Recipe { world, encoding: self.encoding }
    }
}
