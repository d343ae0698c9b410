//! Steps about upstreams: what answers the requests of plugins, and what those requests were.

use std::time::Duration;

use hyper::{Method, StatusCode};

use super::{Body, Data, Headers};
use crate::plugin::Unreachable;
use crate::scenario::pattern::{Template, TextPattern};

/// Which requests are meant.
#[derive(Debug, Clone)]
pub(in crate::scenario) struct RequestLine {
    pub(in crate::scenario) method: Method,
    /// A star stands for any characters.
    pub(in crate::scenario) url: Template,
}

/// `upstream METHOD URL answers ...`
#[derive(Debug, Clone)]
pub(in crate::scenario) struct UpstreamStep {
    pub(in crate::scenario) request: RequestLine,
    pub(in crate::scenario) reply: UpstreamReply,
    pub(in crate::scenario) times: Times,
}

/// How often a reply is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::scenario) enum Times {
    Always,
    Once,
}

/// What an upstream does with a request.
#[derive(Debug, Clone)]
pub(in crate::scenario) enum UpstreamReply {
    Answers(UpstreamAnswer),
    Fails(UpstreamFailure),
}

/// An upstream's answer.
#[derive(Debug, Clone)]
pub(in crate::scenario) struct UpstreamAnswer {
    pub(in crate::scenario) status: StatusCode,
    pub(in crate::scenario) headers: Headers,
    /// How long it takes, once the request is there.
    pub(in crate::scenario) after: Duration,
    pub(in crate::scenario) body: UpstreamBody,
}

/// The body of an upstream's answer.
#[derive(Debug, Clone)]
pub(in crate::scenario) enum UpstreamBody {
    Whole(Option<Body>),
    Pieces(Vec<BodyPiece>, AnswerEnd),
}

/// A part of a body that is sent at once.
#[derive(Debug, Clone)]
pub(in crate::scenario) struct BodyPiece {
    /// How long after the one before.
    pub(in crate::scenario) after: Duration,
    pub(in crate::scenario) body: Body,
}

/// What comes after the last piece of a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::scenario) enum AnswerEnd {
    Complete,
    /// `breaks off`: after this time the connection is lost.
    BreaksOff(Duration),
    /// `stays open`
    StaysOpen,
}

/// Why a request gets no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::scenario) enum UpstreamFailure {
    Unreachable(Unreachable),
    /// The request is received, and nothing is answered.
    ReadTimeout,
    /// The request is received, and the connection is closed.
    Incomplete,
}

/// `upstream gets METHOD URL DATA`
#[derive(Debug, Clone)]
pub(in crate::scenario) struct RequestPattern {
    pub(in crate::scenario) request: RequestLine,
    pub(in crate::scenario) data: Option<Data>,
    pub(in crate::scenario) headers: Vec<(String, TextPattern)>,
}
