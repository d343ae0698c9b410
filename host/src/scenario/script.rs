//! A file of scenarios, understood.

pub(super) mod upstream;

use std::net::IpAddr;
use std::time::Duration;

use super::pattern::{Pattern, Template, TextPattern};
use crate::hub::CloseReason;
use upstream::{RequestPattern, UpstreamStep};

/// One scenario, with the opening of its file in front of its own steps.
#[derive(Debug, Clone)]
pub(super) struct Scenario {
    pub(super) name: String,
    pub(super) settings: Vec<Setting>,
    pub(super) steps: Vec<Step>,
    /// Its heading.
    pub(super) line: usize,
}

/// What is configured in a way of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Setting {
    /// A setting of the plugin: `config KEY = VALUE`.
    Plugin { key: String, value: String },
    /// A key of the server: `set SECTION.KEY = VALUE`.
    Server { section: String, key: String, value: String },
}

/// One step.
#[derive(Debug, Clone)]
pub(super) struct Step {
    /// Where it begins in the file, counted from 1.
    pub(super) line: usize,
    /// As it is written.
    pub(super) source: String,
    pub(super) what: What,
}

/// Names of connections.
pub(super) type Names = Vec<String>;

/// What is done, or expected.
#[derive(Debug, Clone)]
pub(super) enum What {
    Connect { who: Names, request: Connect },
    Send { who: Sender, path: Option<Template>, headers: Headers, body: Body },
    Disconnect { who: Names },
    Advance(Duration),
    Publish { room: Template, event: EventPattern },
    Join { who: Names, room: Template },
    Leave { who: Names, room: Template },
    Close { who: Names },
    Reload(Fresh),
    Crash,
    Ignore { who: Option<Names>, what: Ignored },
    Upstream(UpstreamStep),

    Rejected { who: Names, answer: AnswerPattern },
    Answered { who: Sender, answer: AnswerPattern },
    Gets { who: Names, event: EventPattern },
    GetsComment { who: Names, text: TextPattern },
    GetsNothing { who: Names },
    IsIn { who: Names, rooms: Vec<Template> },
    IsNotIn { who: Names, rooms: Vec<Template> },
    IsOpen { who: Names },
    IsClosed { who: Names, reason: Option<CloseReason> },
    HasTag { who: Names, tag: Option<TextPattern> },
    RoomHas { room: Template, members: Members },
    Reaches(usize),
    Refused(AnswerPattern),
    PluginFails(Option<TextPattern>),
    UpstreamGets(RequestPattern),
    UpstreamGetsNothing,
    PluginLogs { level: Option<tracing::Level>, text: TextPattern },
}

/// Who sends a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Sender {
    Connections(Names),
    /// Without naming a connection.
    Nobody,
}

/// How a client asks for a stream.
#[derive(Debug, Clone)]
pub(super) struct Connect {
    pub(super) path: Option<Template>,
    pub(super) headers: Headers,
    pub(super) from: Option<IpAddr>,
}

/// Names, in lower case, and values.
pub(super) type Headers = Vec<(String, Template)>;

/// What a client sends.
#[derive(Debug, Clone)]
pub(super) enum Body {
    Text(Template),
    Json(Pattern),
    Bytes(Vec<u8>),
}

/// What an event, or an answer, carries.
#[derive(Debug, Clone)]
pub(super) enum Data {
    Text(TextPattern),
    Json(Pattern),
}

/// An event. What is not said is not there, but for the data: then all of it is left open.
#[derive(Debug, Clone)]
pub(super) struct EventPattern {
    pub(super) kind: Option<Template>,
    pub(super) data: Option<Data>,
    pub(super) id: Option<TextPattern>,
    pub(super) retry: Option<Retry>,
}

/// When a client is to come back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Retry {
    Anything,
    After(Duration),
}

/// An answer. What is not said does not count.
#[derive(Debug, Clone)]
pub(super) struct AnswerPattern {
    pub(super) status: Option<u16>,
    pub(super) data: Option<Data>,
    pub(super) headers: Vec<(String, TextPattern)>,
}

/// Whether a reload hands the state over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fresh {
    Yes,
    No,
}

/// Events that are passed over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Ignored {
    Everything,
    Kinds(Vec<String>),
}

/// Who is in a room.
#[derive(Debug, Clone)]
pub(super) enum Members {
    Count(usize),
    Names(Names),
}
