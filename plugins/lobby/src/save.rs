//! Reload: the state is handed over as JSON.

use roomcast_sdk::State;

use crate::Lobby;

impl State for Lobby {
    fn save(&mut self) -> Vec<u8> {
        serde_json::to_vec(self).expect("ids, text and numbers are always JSON")
    }

    fn restore(&mut self, state: Vec<u8>) -> Result<(), String> {
        *self = serde_json::from_slice(&state).map_err(|why| format!("the saved state is not a lobby's: {why}"))?;
        self.presence.start_timer();
        Ok(())
    }
}
