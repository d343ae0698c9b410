//! What a hub would refuse of its configuration.

use super::keepalive::Keepalive;
use super::{Config, Hub, StartError};

impl Hub {
    /// Check the names in a configuration, without starting a hub.
    ///
    /// # Errors
    /// Which is no name of its kind.
    pub(crate) fn check(config: &Config) -> Result<(), StartError> {
        config.auto_join()?;
        Keepalive::new(config.keepalive, &config.keepalive_event).map_err(StartError::Keepalive)?;
        Ok(())
    }
}
