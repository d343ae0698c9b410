//! Assertions: what a step expects.

use super::{Asked, Play, Reply, StepResult, compare, upstream};
use crate::event::{Received, RoomName};
use crate::hub::{CloseReason, PageRequest};
use crate::scenario::diff::{Line, Mark};
use crate::scenario::fault::Fault;
use crate::scenario::pattern::{Template, TextPattern, Variables};
use crate::scenario::script::{AnswerPattern, EventPattern, Members, Sender, What};
use crate::scenario::show;
use crate::scenario::value::{Value, quoted};
use crate::scenario::world::{End, Link};

/// How many events are shown that came later.
const LATER: usize = 10;

impl Play<'_> {
    pub(super) fn expect(&mut self, what: &What) -> StepResult {
        match what {
            What::Ignore { who: None, what } => self.ignored.push(what.clone()),
            What::Ignore { who: Some(who), what } => {
                for name in who {
                    if let Some(client) = self.world.clients.get_mut(name) {
                        client.ignores.push(what.clone());
                    }
                }
            }
            What::Rejected { who, answer } => return self.each(who, |play, name, _| play.rejected(name, answer)),
            What::Answered { who: Sender::Nobody, answer } => return self.answer(&Asked::Nobody, answer),
            What::Answered { who: Sender::Connections(who), answer } => {
                return self.each(who, |play, name, _| play.answer(&Asked::Message(name.into()), answer));
            }
            What::Refused(answer) => return self.refused(answer),
            What::Reaches(count) => return self.reaches(*count),
            What::Gets { who, event } => {
                return self.each(who, |play, name, variables| play.gets(name, event, variables.clone()));
            }
            What::GetsComment { who, text } => {
                return self.each(who, |play, name, variables| play.gets_comment(name, text, variables));
            }
            What::GetsNothing { who } => return self.each(who, |play, name, _| play.gets_nothing(name)),
            What::IsIn { who, rooms } => return self.each(who, |play, name, names| play.is_in(name, rooms, names)),
            What::IsNotIn { who, rooms } => {
                return self.each(who, |play, name, names| play.is_not_in(name, rooms, names));
            }
            What::IsOpen { who } => return self.each(who, |play, name, _| play.is_open(name)),
            What::IsClosed { who, reason } => return self.each(who, |play, name, _| play.is_closed(name, *reason)),
            What::HasTag { who, tag } => {
                return self.each(who, |play, name, names| play.has_tag(name, tag.as_ref(), names));
            }
            What::RoomHas { room, members } => return self.room_has(room, members),
            What::Upstream(step) => self.world.upstreams.add(upstream::rule(step, &self.variables)),
            What::UpstreamGets(expected) => return self.upstream_gets(expected),
            What::UpstreamGetsNothing => return self.upstream_gets_nothing(),
            What::PluginFails(text) => return self.fails(text.as_ref()),
            What::PluginLogs { level, text } => return self.logs(*level, text),
            _ => {}
        }
        Ok(())
    }

    fn rejected(&mut self, name: &str, answer: &AnswerPattern) -> StepResult {
        if self.world.clients.get(name).is_some_and(|client| client.id().is_some()) {
            return Err(Fault::new(format!("{name} was let in")));
        }
        self.answer(&Asked::Stream(name.into()), answer)
    }

    fn answer(&mut self, asked: &Asked, expected: &AnswerPattern) -> StepResult {
        let Some(asking) = self.answers.get_mut(asked) else {
            return Err(Fault::new("nothing was asked, so there is no answer"));
        };
        asking.reply = Reply::Asserted;
        if asking.answer.status >= 500 {
            // The error in the log is the reason of this answer.
            self.logged_error = None;
        }
        compare::answer(expected, &asking.answer, &mut self.variables)
    }

    fn refused(&mut self, expected: &AnswerPattern) -> StepResult {
        match self.answers.get(&Asked::Api) {
            Some(asking) if asking.reply == Reply::Ok => Err(Fault::new("it was not refused")),
            _ => self.answer(&Asked::Api, expected),
        }
    }

    fn reaches(&mut self, count: usize) -> StepResult {
        let Some(asking) = self.answers.get_mut(&Asked::Api) else {
            return Err(Fault::new("nothing was published"));
        };
        asking.reply = Reply::Asserted;
        let receivers = match Value::parse(&asking.answer.body) {
            Some(Value::Object(members)) => Value::member(&members, "receivers").map(Value::to_string),
            _ => None,
        };
        let Some(receivers) = receivers else {
            return Err(Fault::new(format!("it was refused: {}", show::answer(&asking.answer))));
        };
        differ(count.to_string(), receivers)
            .map_err(|lines| Fault::new("the event has reached another number of connections").with_diff(lines))
    }

    fn gets(&mut self, name: &str, expected: &EventPattern, mut variables: Variables) -> StepResult {
        let fault = match self.next(name)? {
            Some(Received::Event(event)) => match compare::event(expected, &event, &mut variables) {
                Ok(()) => {
                    variables.retain(|name, _| name != "self" && name != "name");
                    self.variables = variables;
                    return Ok(());
                }
                Err(fault) => Fault { why: format!("{name}: {}", fault.why), ..fault },
            },
            Some(comment) => Fault::new(format!("{name} has got a comment instead")).with_diff(vec![
                Line { mark: Mark::Expected, text: show::expected(expected, &variables) },
                Line { mark: Mark::Received, text: show::received(&comment) },
            ]),
            None => {
                let wanted = show::expected(expected, &variables);
                let lines = vec![Line { mark: Mark::Expected, text: wanted }];
                return Err(Fault::new(format!("{name} has got nothing more")).with_diff(lines));
            }
        };
        Err(fault.with_note(format!("after that {name} has got"), self.later(name)))
    }

    fn gets_comment(&mut self, name: &str, expected: &TextPattern, variables: &Variables) -> StepResult {
        let found = self.next(name)?;
        match &found {
            Some(Received::Comment(text)) if expected.matches(text, variables) => return Ok(()),
            _ => {}
        }
        let wanted = Line { mark: Mark::Expected, text: format!("comment {}", expected.show(variables)) };
        let found = found.iter().map(|found| Line { mark: Mark::Received, text: show::received(found) });
        Err(Fault::new(format!("{name} has not got this comment"))
            .with_diff([wanted].into_iter().chain(found).collect()))
    }

    fn gets_nothing(&mut self, name: &str) -> StepResult {
        let later = self.later(name);
        if later.is_empty() {
            return Ok(());
        }
        Err(Fault::new(format!("{name} has got something")).with_note(format!("{name} has got"), later))
    }

    fn next(&mut self, name: &str) -> Result<Option<Received>, Fault> {
        let Some(client) = self.world.clients.get_mut(name) else {
            return Err(Fault::new(format!("{name} has not connected")));
        };
        if let Link::Rejected(answer) = &client.link {
            return Err(Fault::new(format!("{name} was rejected: {}", show::answer(answer))));
        }
        Ok(client.next(&self.ignored))
    }

    fn later(&mut self, name: &str) -> Vec<String> {
        std::iter::from_fn(|| self.next(name).ok().flatten()).take(LATER).map(|found| show::received(&found)).collect()
    }

    fn rooms(&self, name: &str) -> Result<Vec<String>, Fault> {
        let id = self.world.clients.get(name).and_then(|client| client.id());
        let rooms = id.and_then(|id| self.world.hub().rooms_of(id).ok());
        let mut rooms: Vec<_> = rooms
            .ok_or_else(|| Fault::new(format!("{name} has no open stream, and so is in no room")))?
            .iter()
            .filter(|room| Some(*room) != self.world.hub().auto_join_room())
            .map(RoomName::to_string)
            .collect();
        rooms.sort();
        Ok(rooms)
    }

    /// The auto-join room need not be named.
    fn is_in(&mut self, name: &str, rooms: &[Template], variables: &Variables) -> StepResult {
        let auto = self.world.hub().auto_join_room().map(RoomName::as_str);
        let mut wanted: Vec<_> = rooms.iter().map(|room| room.fill(variables)).collect();
        wanted.retain(|room| Some(room.as_str()) != auto);
        wanted.sort();
        let shown = |rooms: &[String]| if rooms.is_empty() { "no room".into() } else { rooms.join(", ") };
        differ(shown(&wanted), shown(&self.rooms(name)?))
            .map_err(|lines| Fault::new(format!("{name} is in other rooms")).with_diff(lines))
    }

    fn is_not_in(&mut self, name: &str, rooms: &[Template], variables: &Variables) -> StepResult {
        let found = self.rooms(name)?;
        match rooms.iter().map(|room| room.fill(variables)).find(|room| found.contains(room)) {
            Some(room) => Err(Fault::new(format!("{name} is in {room}"))),
            None => Ok(()),
        }
    }

    fn room_has(&mut self, room: &Template, members: &Members) -> StepResult {
        let room = RoomName::new(&room.fill(&self.variables)).map_err(|why| Fault::new(why.to_string()))?;
        match members {
            Members::Count(count) => differ(count.to_string(), self.world.hub().count(&room).to_string())
                .map_err(|lines| Fault::new(format!("room {room} has another number of members")).with_diff(lines)),
            Members::Names(names) => {
                let found = self.world.hub().members(&room, PageRequest { offset: 0, limit: usize::MAX }).members;
                let name = |id| {
                    let mut known = self.world.clients.iter();
                    let client = known.find(|(_, client)| client.id() == Some(id));
                    client.map_or_else(|| id.to_string(), |(name, _)| name.clone())
                };
                let (mut wanted, mut found): (Vec<_>, Vec<_>) = (names.clone(), found.into_iter().map(name).collect());
                wanted.sort();
                found.sort();
                differ(wanted.join(", "), found.join(", "))
                    .map_err(|lines| Fault::new(format!("room {room} has other members")).with_diff(lines))
            }
        }
    }

    fn has_tag(&mut self, name: &str, tag: Option<&TextPattern>, variables: &Variables) -> StepResult {
        let id = self.world.clients.get(name).and_then(|client| client.id());
        let Some(Ok(found)) = id.map(|id| self.world.hub().tag(id)) else {
            return Err(Fault::new(format!("{name} has no open stream, and so has no tag")));
        };
        let fits = match (tag, found.as_deref()) {
            (Some(tag), Some(found)) => tag.matches(found, variables),
            (tag, found) => tag.is_none() && found.is_none(),
        };
        if fits {
            return Ok(());
        }
        let wanted = tag.map_or_else(|| "no tag".into(), |tag| tag.show(variables));
        let found = found.as_deref().map_or_else(|| "no tag".into(), quoted);
        Err(Fault::new(format!("{name} has another tag")).with_diff(both(wanted, found)))
    }

    fn is_open(&mut self, name: &str) -> StepResult {
        let open = self.world.clients.get(name).is_some_and(|client| client.is_open());
        if open { Ok(()) } else { Err(Fault::new(format!("{name} has no open stream"))) }
    }

    fn is_closed(&mut self, name: &str, reason: Option<CloseReason>) -> StepResult {
        let Some(Link::Ended { id, end: End::Closed }) = self.world.clients.get(name).map(|client| &client.link) else {
            return Err(Fault::new(format!("the server has not closed the stream of {name}")));
        };
        self.ends.insert(name.into());
        let found = self.world.end_of(*id).map_or("unknown", CloseReason::as_str);
        match reason {
            Some(reason) => differ(reason.as_str().into(), found.into())
                .map_err(|lines| Fault::new(format!("{name} was closed for another reason")).with_diff(lines)),
            None => Ok(()),
        }
    }

    fn fails(&mut self, text: Option<&TextPattern>) -> StepResult {
        let Some((_, failure)) = self.failed.take() else {
            return Err(Fault::new("no call of a plugin has failed in the step before"));
        };
        // The answers and the log that came of it are what they have to be.
        self.logged_error = None;
        self.answers.values_mut().for_each(|asking| asking.reply = Reply::Asserted);
        match text {
            Some(text) if !text.matches(&failure.why, &self.variables) => {
                let lines = both(text.show(&self.variables), quoted(&failure.why));
                Err(Fault::new("the plugin has failed in another way").with_diff(lines))
            }
            _ => Ok(()),
        }
    }

    fn logs(&mut self, level: Option<tracing::Level>, text: &TextPattern) -> StepResult {
        let records: Vec<_> = self.logs.since(self.log_before).into_iter().filter(|record| record.by_plugin).collect();
        let is_it = |record: &crate::scenario::logs::Record| {
            level.is_none_or(|level| level == record.level) && text.matches(&record.text, &self.variables)
        };
        let mut found = records.iter().filter(|record| is_it(record)).peekable();
        if found.peek().is_some() {
            // One line of a traceback stands for all of it.
            if found.any(|record| record.level == tracing::Level::ERROR) {
                self.logged_error = None;
            }
            return Ok(());
        }
        let lines = records.iter().map(crate::scenario::logs::Record::show);
        let fault = Fault::new("no line like this was logged since the last thing was done");
        Err(fault.with_note("what was logged", lines.collect()))
    }
}

fn differ(expected: String, received: String) -> Result<(), Vec<Line>> {
    if expected == received { Ok(()) } else { Err(both(expected, received)) }
}

fn both(expected: String, received: String) -> Vec<Line> {
    vec![Line { mark: Mark::Expected, text: expected }, Line { mark: Mark::Received, text: received }]
}
