//! Reload: the state is handed over as JSON.

use roomcast_sdk::State;

use crate::Lobby;

impl State for Lobby {
    fn save(&mut self) -> Result<Vec<u8>, String> {
        serde_json::to_vec(self).map_err(|why| why.to_string())
    }

    fn restore(&mut self, state: Vec<u8>) -> Result<(), String> {
        *self = serde_json::from_slice(&state).map_err(|why| format!("the saved state is not a lobby's: {why}"))?;
        self.presence.start_timer();
        Ok(())
    }
}
