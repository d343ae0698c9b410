//! What a server would refuse at its start, found without starting anything.

use crate::config::{Config, Error};
use crate::http::api::Guard;
use crate::hub::Hub;
use crate::plugin;

use super::plugins_and_page;

/// Check all of a configuration that can be checked without a listener and without running a plugin: values that parts
/// check together, files and folders that it names, and what plugins are granted.
///
/// # Errors
/// The first thing that a server would refuse.
pub fn check(config: &Config) -> Result<(), Error> {
    config.log.level()?;
    Guard::new(&config.api)?;
    config.endpoint.validate().map_err(|why| why.to_string())?;
    Hub::check(&config.hub).map_err(|why| why.to_string())?;
    let (plugins, _) = plugins_and_page(config)?;
    plugin::check_configs(&plugins).map_err(|why| why.to_string())?;
    Ok(())
}
