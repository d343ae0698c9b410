//! Steps about upstreams.

use bytes::Bytes;

use super::act::{bytes, filled};
use super::{Play, StepResult, compare};
use crate::plugin::canonical_url;
use crate::scenario::fault::{Failure, Fault};
use crate::scenario::pattern::{Template, Variables};
use crate::scenario::script::upstream::{RequestPattern, UpstreamAnswer, UpstreamBody, UpstreamReply, UpstreamStep};
use crate::scenario::script::{Body, Headers, Step};
use crate::scenario::show;
use crate::scenario::upstreams::{ReadyAnswer, ReadyBody, UpstreamAction, UpstreamRule};

/// What a step says, ready to be done.
pub(super) fn rule(step: &UpstreamStep, variables: &Variables) -> UpstreamRule {
    let UpstreamStep { request, reply, times } = step;
    let action = match reply {
        UpstreamReply::Answers(answer) => UpstreamAction::Answer(ready(answer, variables)),
        UpstreamReply::Fails(failure) => UpstreamAction::Fail(*failure),
    };
    UpstreamRule { method: request.method.clone(), url: url(&request.url, variables), action, times: *times }
}

/// A URL in the form in which requests have it, if it can be.
fn url(template: &Template, variables: &Variables) -> String {
    let filled = template.fill(variables);
    if filled.contains('*') { filled } else { canonical_url(&filled).unwrap_or(filled) }
}

fn ready(answer: &UpstreamAnswer, variables: &Variables) -> ReadyAnswer {
    let body = match &answer.body {
        UpstreamBody::Whole(None) => ReadyBody::Whole(Bytes::new()),
        UpstreamBody::Whole(Some(body)) => ReadyBody::Whole(bytes(body, variables).into()),
        UpstreamBody::Pieces(pieces, end) => {
            let piece = pieces.iter().map(|piece| (piece.after, bytes(&piece.body, variables).into()));
            ReadyBody::Pieces(piece.collect(), *end)
        }
    };
    let headers = headers(&answer.headers, &answer.body, variables);
    ReadyAnswer { after: answer.after, status: answer.status, headers, body }
}

/// JSON has its type by itself.
fn headers(given: &Headers, body: &UpstreamBody, variables: &Variables) -> Vec<(String, String)> {
    let mut headers = filled(given, variables);
    let is_json = matches!(body, UpstreamBody::Whole(Some(Body::Json(_))));
    if is_json && !headers.iter().any(|(name, _)| name == "content-type") {
        headers.push(("content-type".into(), "application/json".into()));
    }
    headers
}

impl Play<'_> {
    pub(super) fn upstream_gets(&mut self, expected: &RequestPattern) -> StepResult {
        let RequestPattern { request, data, headers } = expected;
        let url = url(&request.url, &self.variables);
        let Some(found) = self.world.upstreams.take(&request.method, &url) else {
            let fault = Fault::new(format!("no request {} {url} has come", request.method));
            return Err(fault.with_note("what has come, and no step has asserted yet", self.left()));
        };
        compare::request(data.as_ref(), headers, &found, &mut self.variables)
    }

    pub(super) fn upstream_gets_nothing(&self) -> StepResult {
        let left = self.left();
        if left.is_empty() {
            return Ok(());
        }
        Err(Fault::new("upstreams have got something").with_note("they have got", left))
    }

    fn left(&self) -> Vec<String> {
        self.world.upstreams.left().iter().map(show::request).collect()
    }

    /// Fail if a plugin has asked for something that no step says an answer for.
    pub(super) fn nothing_unexpected_was_asked(&self, step: &Step) -> Result<(), Failure> {
        let Some((request, known)) = self.world.upstreams.take_unexpected() else { return Ok(()) };
        let asked = format!("{} {}", request.method, request.url);
        let fault = Fault::new(format!("a plugin asks an upstream that the scenario does not have: {asked}"))
            .with_note(
                "if that is right, a line above says what is answered",
                vec![format!("upstream {asked} answers 200")],
            )
            .with_note("the scenario has answers for", known);
        Err(self.failure(step, fault))
    }
}
