//! The names of the hooks.

use strum::{EnumCount, IntoStaticStr, VariantArray};

/// The functions of the contract that plugins export.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumCount, IntoStaticStr, VariantArray)]
#[strum(serialize_all = "kebab-case")]
pub(in crate::plugin) enum Hook {
    Init,
    OnConnect,
    OnDisconnect,
    OnJoin,
    OnLeave,
    OnPublish,
    OnMessage,
    OnTimer,
    OnResponse,
    OnChunk,
    OnEnd,
    Save,
    Restore,
}

impl Hook {
    /// The function's name in the contract.
    pub(in crate::plugin) fn name(self) -> &'static str {
        self.into()
    }
}
