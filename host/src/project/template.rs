//! What a new project begins as.

use clap::ValueEnum;

/// A small plugin, with a page and scenarios.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
#[value(rename_all = "lowercase")]
pub enum Template {
    /// People come in by name, and talk.
    #[default]
    Chat,
    /// Who is here, and whether they are active, away or typing.
    Presence,
    /// Numbers that a back end publishes, or a timer computes.
    Dashboard,
    /// Cards that everyone adds, votes for and removes; they outlive a reload.
    Board,
    /// A question to a language model, and its answer as it grows.
    Llm,
}

impl Template {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Chat, Self::Presence, Self::Dashboard, Self::Board, Self::Llm];

    /// The folder of its files, for all languages and in each.
    pub(super) fn folder(self) -> &'static str {
        match self {
            Self::Chat => "chat",
            Self::Presence => "presence",
            Self::Dashboard => "dashboard",
            Self::Board => "board",
            Self::Llm => "llm",
        }
    }

    /// The folder of what its page shares with others. That of a chat is complete in itself: it shows any stream.
    pub(super) fn page(self) -> Option<&'static str> {
        (self != Self::Chat).then_some("page")
    }
}
