//! Reload: answers continue in the new version, even in the middle of a line.

use std::collections::BTreeMap;

use roomcast_sdk::{Connection, State};

use crate::Relay;
use crate::question::Question;

/// The saved state. Settings come from the configuration.
type Saved = (u64, BTreeMap<Connection, Question>);

impl State for Relay {
    fn save(&mut self) -> Result<Vec<u8>, String> {
        serde_json::to_vec(&(self.last, &self.questions)).map_err(|why| why.to_string())
    }

    fn restore(&mut self, state: Vec<u8>) -> Result<(), String> {
        let saved = serde_json::from_slice::<Saved>(&state);
        (self.last, self.questions) = saved.map_err(|why| format!("the saved state is not a relay's: {why}"))?;
        Ok(())
    }
}
