//! The names of the hooks.

/// The functions of the contract that plugins export.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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
    /// All that are called.
    pub(in crate::plugin) const ALL: [Self; 13] = [
        Self::Init,
        Self::OnConnect,
        Self::OnDisconnect,
        Self::OnJoin,
        Self::OnLeave,
        Self::OnPublish,
        Self::OnMessage,
        Self::OnTimer,
        Self::OnResponse,
        Self::OnChunk,
        Self::OnEnd,
        Self::Save,
        Self::Restore,
    ];

    /// The function's name in the contract.
    pub(in crate::plugin) fn name(self) -> &'static str {
        match self {
            Self::Init => "init",
            Self::OnConnect => "on-connect",
            Self::OnDisconnect => "on-disconnect",
            Self::OnJoin => "on-join",
            Self::OnLeave => "on-leave",
            Self::OnPublish => "on-publish",
            Self::OnMessage => "on-message",
            Self::OnTimer => "on-timer",
            Self::OnResponse => "on-response",
            Self::OnChunk => "on-chunk",
            Self::OnEnd => "on-end",
            Self::Save => "save",
            Self::Restore => "restore",
        }
    }
}
