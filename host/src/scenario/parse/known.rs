//! Names have to be given before they are used.

use super::cursor::Mistake;
use crate::config::nearest;
use crate::scenario::pattern::{Piece, Template, TextPattern};
use crate::scenario::script::upstream::{RequestPattern, UpstreamBody, UpstreamReply, UpstreamStep};
use crate::scenario::script::{
    AnswerPattern, Body, Data, EventPattern, Headers, Ignored, Members, Scenario, Sender, Step, What,
};

/// What a step does with names.
#[derive(Default)]
struct StepNames<'a> {
    /// Connections that it is about.
    connections: Vec<&'a str>,
    /// What is to be put in their places.
    variables: Vec<&'a str>,
    /// What is a name from now on.
    given: Vec<&'a str>,
    /// Connections that it opens.
    opened: Vec<&'a str>,
}

/// Check one scenario.
///
/// # Errors
/// The first step that uses a name which nothing has.
pub(super) fn check(scenario: &Scenario) -> Result<(), Mistake> {
    let mut connections: Vec<&str> = Vec::new();
    let mut variables: Vec<&str> = vec!["self", "name"];
    for step in &scenario.steps {
        let names = StepNames::of(step);
        connections.extend(&names.opened);
        let mistake = |why| Err(Mistake { line: step.line, column: 1, why });
        if let Some(unknown) = names.connections.iter().find(|name| !connections.contains(name)) {
            let hint = nearest(unknown, connections.iter().copied()).map_or_else(
                || "a connection comes in by `connects`".into(),
                |meant| format!("did you mean `{meant}`?"),
            );
            return mistake(format!("`{unknown}` has not connected: {hint}"));
        }
        let known = |name: &str| variables.contains(&name) || connections.contains(&name);
        if let Some(unknown) = names.variables.iter().find(|name| !known(name)) {
            let all = connections.iter().chain(&variables).copied();
            let hint = nearest(unknown, all).map_or_else(
                || "a connection has it once it has connected, anything else by `as`".into(),
                |meant| format!("did you mean `${meant}`?"),
            );
            return mistake(format!("`${unknown}` stands for nothing: {hint}; a dollar is written `$$`"));
        }
        variables.extend(names.given);
    }
    Ok(())
}

impl<'a> StepNames<'a> {
    fn of(step: &'a Step) -> Self {
        let mut names = Self::default();
        match &step.what {
            What::Connect { who, request } => {
                names.opened.extend(who.iter().map(String::as_str));
                names.templates(&request.path);
                names.headers(&request.headers);
            }
            What::Send { who, path, headers, body } => {
                names.sender(who);
                names.templates(path);
                names.headers(headers);
                names.body(body);
            }
            What::Publish { room, event } => {
                names.template(room);
                names.event(event);
            }
            What::Join { who, room } | What::Leave { who, room } => {
                names.who(who);
                names.template(room);
            }
            What::Rejected { who, answer } => {
                names.who(who);
                names.answer(answer);
            }
            What::Answered { who, answer } => {
                names.sender(who);
                names.answer(answer);
            }
            What::Gets { who, event } => {
                names.who(who);
                names.event(event);
            }
            What::GetsComment { who, text } => {
                names.who(who);
                text.names(&mut names.variables);
            }
            What::IsIn { who, rooms } | What::IsNotIn { who, rooms } => {
                names.who(who);
                names.templates(rooms);
            }
            What::HasTag { who, tag } => {
                names.who(who);
                names.texts(tag.iter());
            }
            What::RoomHas { room, members } => {
                names.template(room);
                if let Members::Names(who) = members {
                    names.who(who);
                }
            }
            What::Ignore { who, what: Ignored::Everything | Ignored::Kinds(_) } => {
                who.iter().for_each(|who| names.who(who));
            }
            What::Disconnect { who }
            | What::Close { who }
            | What::GetsNothing { who }
            | What::IsOpen { who }
            | What::IsClosed { who, .. } => names.who(who),
            What::Refused(answer) => names.answer(answer),
            What::Upstream(step) => names.upstream(step),
            What::UpstreamGets(RequestPattern { request, data, headers }) => {
                names.template(&request.url);
                names.data(data.as_ref());
                names.texts(headers.iter().map(|(_, value)| value));
            }
            What::PluginFails(text) => names.texts(text.iter()),
            What::PluginLogs { text, .. } => names.texts(std::iter::once(text)),
            What::Advance(_) | What::Reload(_) | What::Crash | What::Reaches(_) | What::UpstreamGetsNothing => {}
        }
        names
    }

    fn upstream(&mut self, step: &'a UpstreamStep) {
        self.template(&step.request.url);
        let UpstreamReply::Answers(answer) = &step.reply else { return };
        self.headers(&answer.headers);
        match &answer.body {
            UpstreamBody::Whole(body) => body.iter().for_each(|body| self.body(body)),
            UpstreamBody::Pieces(pieces, _) => pieces.iter().for_each(|piece| self.body(&piece.body)),
        }
    }

    fn body(&mut self, body: &'a Body) {
        match body {
            Body::Text(text) => self.template(text),
            Body::Json(pattern) => pattern.names(&mut self.variables, &mut self.given),
            Body::Bytes(_) => {}
        }
    }

    fn who(&mut self, who: &'a [String]) {
        self.connections.extend(who.iter().map(String::as_str));
    }

    fn sender(&mut self, sender: &'a Sender) {
        if let Sender::Connections(who) = sender {
            self.who(who);
        }
    }

    fn template(&mut self, template: &'a Template) {
        self.variables.extend(template.0.iter().filter_map(|piece| match piece {
            Piece::Variable(name) => Some(name.as_str()),
            Piece::Text(_) => None,
        }));
    }

    fn templates(&mut self, templates: impl IntoIterator<Item = &'a Template>) {
        templates.into_iter().for_each(|template| self.template(template));
    }

    fn headers(&mut self, headers: &'a Headers) {
        self.templates(headers.iter().map(|(_, value)| value));
    }

    fn texts(&mut self, texts: impl Iterator<Item = &'a TextPattern>) {
        texts.for_each(|text| text.names(&mut self.variables));
    }

    fn data(&mut self, data: Option<&'a Data>) {
        match data {
            Some(Data::Text(text)) => text.names(&mut self.variables),
            Some(Data::Json(pattern)) => pattern.names(&mut self.variables, &mut self.given),
            None => {}
        }
    }

    fn event(&mut self, event: &'a EventPattern) {
        self.templates(&event.kind);
        self.data(event.data.as_ref());
        self.texts(event.id.iter());
    }

    fn answer(&mut self, answer: &'a AnswerPattern) {
        self.data(answer.data.as_ref());
        self.texts(answer.headers.iter().map(|(_, value)| value));
    }
}
