//! How the state of one instance gets into another one.

use crate::plugin::config::OnRestoreError;
use crate::plugin::contract::Hook;
use crate::plugin::runtime::instance::{Instance, SavedState};
use crate::plugin::runtime::load_error::Problem;

/// Where the next instance has its state from.
#[derive(Clone)]
pub(in crate::plugin) enum StateSource {
    /// The instance that it follows.
    Current,
    /// What an earlier one has saved; `None` when that was nothing.
    Saved(Option<SavedState>),
    /// It starts fresh; the instance that it follows saves its state all the same, for a roll-back.
    SaveOnly,
    /// It starts fresh.
    Fresh,
}

/// The state at an upgrade, for a roll-back.
#[derive(Debug)]
pub(in crate::plugin) struct Saved {
    pub(in crate::plugin) state: Option<SavedState>,
    pub(in crate::plugin) transfer: StateTransfer,
}

/// What has become of the state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::plugin) enum StateTransfer {
    /// The next instance has it, as many bytes.
    HandedOver(usize),
    /// It starts fresh, for this reason.
    Fresh(String),
}

/// Have a new instance restore a state, as its version's configuration wants it; `missing` says why there is none.
pub(in crate::plugin) async fn restore_into(
    mut next: Instance,
    state: Option<SavedState>,
    missing: &str,
) -> Result<(Instance, Saved), Problem> {
    let Some(state) = state else { return Ok(fresh(next, None, missing)) };
    if !next.version().plugin.hooks.has(Hook::Restore) {
        return Ok(fresh(next, Some(state), "it does not export `state`"));
    }
    let problem = match next.restore(&state).await {
        Ok(Ok(())) => {
            let transfer = StateTransfer::HandedOver(state.len());
            return Ok((next, Saved { state: Some(state), transfer }));
        }
        Ok(Err(text)) => Problem::RestoreRefused { text },
        Err(failure) => Problem::Restore(failure),
    };
    if next.version().plugin.config.on_restore_error == OnRestoreError::KeepOld {
        return Err(problem);
    }
    let why = match problem {
        Problem::RestoreRefused { text } => format!("its `restore` refuses the state: {text}"),
        other => other.to_string(),
    };
    // This one may have restored half of it.
    let next = Instance::start(next.version()).await?;
    Ok(fresh(next, Some(state), &why))
}

/// The next instance starts without state.
pub(super) fn fresh(next: Instance, state: Option<SavedState>, why: &str) -> (Instance, Saved) {
    (next, Saved { state, transfer: StateTransfer::Fresh(why.into()) })
}
