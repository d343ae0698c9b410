//! The format: what is understood, and what is said about what is not.

use std::time::Duration;

use super::parse;
use crate::plugin::Unreachable;
use crate::scenario::pattern::{Pattern, Piece, Rest, Template, TextPattern, Variables};
use crate::scenario::script::upstream::{AnswerEnd, Times, UpstreamBody, UpstreamFailure, UpstreamReply};
use crate::scenario::script::{Body, Data, Fresh, Ignored, Members, Retry, Scenario, Sender, Setting, What};

fn scenarios(text: &str) -> Vec<Scenario> {
    parse(text, "file").unwrap_or_else(|why| panic!("{why}\n{text}"))
}

/// The last step of a scenario in which Ada and Bob have connected.
fn step(text: &str) -> What {
    let all = scenarios(&format!("ada connects\nbob connects\n{text}"));
    all[0].steps.last().expect("a step").what.clone()
}

/// What is said about a text in which Ada has connected in the first line.
fn mistake(text: &str) -> String {
    parse(&format!("ada connects\n{text}"), "file").expect_err(text).to_string()
}

fn filled(template: &Template) -> String {
    template.fill(&Variables::new())
}

#[test]
fn a_file_without_headings_is_one_scenario() {
    let all = scenarios("# a comment\n\nada connects\n  # another\n  ada gets x\n");
    assert_eq!(all.len(), 1);
    assert_eq!((all[0].name.as_str(), all[0].steps.len(), all[0].steps[1].line), ("file", 2, 5));
    assert!(scenarios("# nothing\n").is_empty());
}

#[test]
fn what_stands_in_front_of_the_headings_opens_each() {
    let all = scenarios(
        "config a = \"b c\"\nada connects\nscenario one\nset endpoint.room_parameter = room\nada gets x\nscenario two\nada gets y",
    );
    let names: Vec<_> =
        all.iter().map(|scenario| (scenario.name.as_str(), scenario.steps.len(), scenario.line)).collect();
    assert_eq!(names, [("one", 2, 3), ("two", 2, 6)]);
    let plugin = Setting::Plugin { key: "a".into(), value: "b c".into() };
    let server = Setting::Server { section: "endpoint".into(), key: "room_parameter".into(), value: "room".into() };
    assert_eq!(all[0].settings, [plugin.clone(), server]);
    assert_eq!(all[1].settings, [plugin]);
}

#[test]
fn a_request_has_headers_and_an_address() {
    let What::Connect { who, request } =
        step("p1..p3 connects /sse?name=${x * 3}&of=$name\n  header Authorization: Bearer $ada\n  from 192.0.2.7")
    else {
        panic!("no request")
    };
    assert_eq!(who, ["p1", "p2", "p3"]);
    let pieces = vec![Piece::Text("/sse?name=xxx&of=".into()), Piece::Variable("name".into())];
    assert_eq!(request.path, Some(Template(pieces)));
    assert_eq!(request.headers[0].0, "authorization");
    assert_eq!(request.from, Some([192, 0, 2, 7].into()));
}

#[test]
fn names_come_in_lists() {
    for text in ["ada, bob get x", "ada,bob get x", "ada and bob get x"] {
        let What::Gets { who, .. } = step(text) else { panic!("{text}") };
        assert_eq!(who, ["ada", "bob"], "{text}");
    }
}

#[test]
fn a_message_is_json_text_or_bytes() {
    let body = |text: &str| match step(text) {
        What::Send { body, .. } => body,
        other => panic!("{other:?}"),
    };
    assert!(matches!(body("ada sends {\"a\": [1,\n 2]}"), Body::Json(Pattern::Object(..))));
    assert!(matches!(body("ada sends 5"), Body::Json(Pattern::Number(_))));
    assert!(matches!(body(r#"ada sends "a\n\"$$5""#), Body::Text(text) if filled(&text) == "a\n\"$5"));
    assert!(matches!(body("ada sends bytes 00 fFf0"), Body::Bytes(bytes) if bytes == [0, 255, 240]));
    let What::Send { who, path, headers, .. } = step("nobody sends /send?a=b \"x\"\n  header a: b") else { panic!() };
    assert_eq!((who, path.as_ref().map(filled).as_deref(), headers.len()), (Sender::Nobody, Some("/send?a=b"), 1));
}

#[test]
fn an_event_has_a_type_data_an_id_and_a_time() {
    let event = |text: &str| match step(text) {
        What::Gets { event, .. } => event,
        other => panic!("{other:?}"),
    };
    let all = event("ada gets chat {\"a\": _, ...} id \"7\" retry 3s");
    assert_eq!(all.kind.as_ref().map(filled).as_deref(), Some("chat"));
    assert!(matches!(all.data, Some(Data::Json(Pattern::Object(_, Rest::Anything)))));
    assert!(matches!(all.id, Some(TextPattern::Exactly(_))));
    assert_eq!(all.retry, Some(Retry::After(Duration::from_secs(3))));
    let turned = event("ada gets chat retry 1m 30s id _");
    assert!(matches!(turned.id, Some(TextPattern::Like(_))));
    assert_eq!((turned.retry, turned.data.is_none()), (Some(Retry::After(Duration::from_secs(90))), true));
    assert_eq!(event("ada gets 1 id \"2\" retry _").retry, Some(Retry::Anything));
    let bare = event("ada gets chat");
    assert!(bare.data.is_none() && bare.id.is_none());
    let message = event("ada gets \"true\"");
    assert!(message.kind.is_none() && matches!(message.data, Some(Data::Text(_))));
    assert!(event("ada gets true").kind.is_none(), "JSON");
    assert_eq!(event("ada gets event \"odd one\" 1").kind.as_ref().map(filled).as_deref(), Some("odd one"));
    assert!(matches!(event("ada gets x like \"a*\" id _").data, Some(Data::Text(TextPattern::Like(_)))));
}

#[test]
fn an_upstream_answers_or_fails() {
    let rule = |text: &str| match step(text) {
        What::Upstream(step) => step,
        other => panic!("{other:?}"),
    };
    let whole =
        rule("upstream POST https://api.example/v1?a=* answers 200 {\"a\": $ada} once after 1m 30s\n  header a: b");
    assert_eq!((whole.request.method.as_str(), whole.times), ("POST", Times::Once));
    let UpstreamReply::Answers(answer) = whole.reply else { panic!("it answers") };
    assert_eq!((answer.after, answer.headers.len()), (Duration::from_secs(90), 1));
    assert!(matches!(answer.body, UpstreamBody::Whole(Some(Body::Json(_)))));
    let pieces = rule(
        "upstream GET http://a/ answers 404\n  piece bytes e2 82 after 1s\n  header a: b\n  piece \"x\"\n  breaks off after 2s",
    );
    let UpstreamReply::Answers(answer) = pieces.reply else { panic!("it answers") };
    let UpstreamBody::Pieces(pieces, AnswerEnd::BreaksOff(after)) = answer.body else { panic!("it breaks off") };
    assert_eq!(
        (after, pieces[0].after, pieces[1].after),
        (Duration::from_secs(2), Duration::from_secs(1), Duration::ZERO)
    );
    assert!(matches!(&pieces[0].body, Body::Bytes(bytes) if bytes == &[0xe2, 0x82]));
    let fails = |text: &str| match rule(&format!("upstream GET http://a/ fails {text}")).reply {
        UpstreamReply::Fails(failure) => failure,
        UpstreamReply::Answers(_) => panic!("it fails"),
    };
    assert_eq!(fails("dns-error once"), UpstreamFailure::Unreachable(Unreachable::DnsError));
    assert_eq!(fails("http-response-incomplete"), UpstreamFailure::Incomplete);
    assert!(matches!(step("upstream gets nothing"), What::UpstreamGetsNothing));
    let What::UpstreamGets(got) = step("upstream gets PUT http://a/$ada like \"*x\"\n  header a: *") else { panic!() };
    assert!(matches!(got.data, Some(Data::Text(TextPattern::Like(_)))) && got.headers.len() == 1);
}

#[test]
fn all_other_steps_are_understood() {
    assert!(matches!(step("advance 1m 30s"), What::Advance(time) if time == Duration::from_secs(90)));
    assert!(
        matches!(step("publish \"a room\" news {\"a\":1} id \"3\""), What::Publish { room, .. } if filled(&room) == "a room")
    );
    assert!(matches!(step("reaches 2"), What::Reaches(2)));
    assert!(matches!(step("refused 403 \"no\""), What::Refused(answer) if answer.status == Some(403)));
    assert!(matches!(step("join ada, bob tea"), What::Join { who, .. } if who.len() == 2));
    assert!(matches!(step("leave ada tea"), What::Leave { .. }));
    assert!(matches!(step("close ada"), What::Close { .. }));
    assert!(matches!(step("reload"), What::Reload(Fresh::No)));
    assert!(matches!(step("reload fresh"), What::Reload(Fresh::Yes)));
    assert!(matches!(step("crash"), What::Crash));
    assert!(
        matches!(step("ignore a, b"), What::Ignore { who: None, what: Ignored::Kinds(kinds) } if kinds == ["a", "b"])
    );
    assert!(matches!(step("ada ignores everything"), What::Ignore { who: Some(_), what: Ignored::Everything }));
    assert!(
        matches!(step("ada is rejected 401 \"x\"\n  header a: b*"), What::Rejected { answer, .. } if answer.headers.len() == 1)
    );
    assert!(matches!(step("nobody is answered 400"), What::Answered { who: Sender::Nobody, .. }));
    assert!(matches!(step("ada gets nothing"), What::GetsNothing { .. }));
    assert!(matches!(step("ada gets comment \"x\""), What::GetsComment { .. }));
    assert!(matches!(step("ada is in tea, \"a b\" and c"), What::IsIn { rooms, .. } if rooms.len() == 3));
    assert!(matches!(step("ada is in no room"), What::IsIn { rooms, .. } if rooms.is_empty()));
    assert!(matches!(step("ada is not in tea"), What::IsNotIn { .. }));
    assert!(matches!(step("ada is open"), What::IsOpen { .. }));
    assert!(matches!(step("ada and bob are closed plugin-closed"), What::IsClosed { reason: Some(_), .. }));
    assert!(matches!(step("ada has tag \"x\""), What::HasTag { tag: Some(_), .. }));
    assert!(matches!(step("ada has no tag"), What::HasTag { tag: None, .. }));
    assert!(matches!(step("room tea has 3"), What::RoomHas { members: Members::Count(3), .. }));
    assert!(matches!(step("room tea has ada, bob"), What::RoomHas { members: Members::Names(_), .. }));
    assert!(matches!(step("room tea is empty"), What::RoomHas { members: Members::Count(0), .. }));
    assert!(matches!(step("plugin fails like \"*x*\""), What::PluginFails(Some(_))));
    assert!(matches!(step("plugin fails"), What::PluginFails(None)));
    assert!(matches!(step("plugin logs warn \"x\""), What::PluginLogs { level: Some(tracing::Level::WARN), .. }));
}

#[test]
fn mistakes_are_shown_with_their_place_and_with_what_is_meant() {
    for (text, said) in [
        ("ada gtes x", "2:1: `gtes` is not known: did you mean `ada gets`?"),
        ("avdance 3s", "2:1: `avdance` is not known: did you mean `advance`?"),
        ("scenarios one", "2:1: `scenarios` is not known: did you mean `scenario`?"),
        ("make tea", "2:1: `make tea` is no step. A connection connects,"),
        ("advance soon", "2:9: `soon` is no time such as 250ms"),
        ("advance 1us", "in whole milliseconds"),
        ("adda gets x", "2:1: `adda` has not connected: did you mean `ada`?"),
        ("ada gets {\"a\": $bob}", "`$bob` stands for nothing"),
        ("ada gets \"$adaa\"", "did you mean `$ada`?"),
        ("ada is rejcted", "2:8: `rejcted` is not known here: did you mean `rejected`?"),
        ("ada is closed plugin-closd", "did you mean `plugin-closed`?"),
        ("ada gets chat {\"a\": 1", "2:15: its `}` is missing"),
        ("ada gets chat {\"a\" 1}", "2:20: between a member's name and its value stands a colon"),
        ("ada gets chat {a: 1}", "2:16: a member begins with its name in quotes"),
        ("ada gets chat {\"a\":1,\"a\":2}", "two members with the name \"a\""),
        ("ada gets chat [1 2]", "2:18: here a comma is missing, or `]`"),
        ("ada gets chat [..., 1]", "behind `...` comes nothing more"),
        ("ada gets chat [1,]", "a value is missing"),
        ("ada gets chat hello", "`hello` is no value: write JSON, a \"text\""),
        ("ada gets \"a", "2:10: its closing quote is missing"),
        ("ada gets \"\\x\"", "no text as JSON has it"),
        ("ada gets \"${x * many}\"", "no repetition such as `${x * 40}`"),
        ("ada gets \"${x * 9999999}\"", "longer than 1 MiB"),
        ("ada gets x {} y", "2:15: `y` is one thing too many"),
        ("ada gets", "an event, `comment \"...\"`, or `nothing`"),
        ("ada sends {\"a\": _}", "`_` leaves something open, and so it cannot be sent"),
        ("publish tea x [...]", "`...` leaves something open, and so it cannot be published"),
        ("publish tea", "what is published is missing"),
        ("ada sends bytes 0", "pairs of hexadecimal digits"),
        ("ada sends", "what is sent is missing"),
        ("advance 1s\nheader a: b", "a `header` belongs to the step above it"),
        ("bob connects\n  header a", "a header is written `header name: value`"),
        ("bob connects\n  from here", "an address, such as 192.0.2.7"),
        ("advance 1s\nfrom 192.0.2.7", "`from` belongs to `connects`"),
        ("reload connects", "`connects` is one thing too many"),
        ("p9..p1 connect", "no range such as `p1..p55`"),
        ("Bob connects", "`Bob` is none"),
        ("ada, join get x", "`join` is a word of the language"),
        ("config a", "a setting is written `config greeting = \"hello\"`"),
        ("set a = b", "`set` takes a section and a key"),
        ("set a.b = c", "settings stand in front of the first step"),
        ("scenario", "behind `scenario` stands what it shows"),
        ("scenario a\nscenario a", "there is a scenario \"a\" in this file already"),
        ("ada is answered 700", "700 is no status"),
        ("ada gets x _ as 1", "behind `as` stands a name"),
        ("room tea likes ada", "a room `has 3`, `has ada, bob`, or `is empty`"),
        ("reaches many", "such as `reaches 2`"),
        ("plugin smiles", "a plugin `logs \"...\"`, or it `fails`"),
        ("ada has fun", "a connection has `tag \"...\"`, or it has `no tag`"),
        ("ignore", "types of events, or `everything`"),
        ("nobody connects", "nobody `sends`, and nobody `is answered`"),
        ("upstraem GET http://a/ answers 200", "did you mean `upstream`?"),
        ("upstream get http://a/ answers 200", "2:10: `get` is not known here: did you mean `GET`?"),
        ("upstream got GET http://a/", "`got` is not known here; there are: gets, GET, POST"),
        ("upstream GET a/b answers 200", "2:14: behind the method stands a URL, such as https://api.example/v1/chat"),
        ("upstream GET http://a/ answer 200", "2:24: `answer` is not known here: did you mean `answers`?"),
        ("upstream GET http://a/ answers {}", "2:32: behind `answers` stands a status"),
        ("upstream GET http://a/ answers 100", "behind `answers` stands a status"),
        ("upstream GET http://a/ answers 200 {\"a\": _}", "`_` leaves something open, and so it cannot be sent"),
        ("upstream GET http://a/ fails connection-refusd", "did you mean `connection-refused`?"),
        ("upstream GET http://a/ fails", "there are: connection-refused, connection-timeout, dns-error"),
        ("upstream GET http://a/ answers 200 twice", "`twice` is no value"),
        ("upstream GET http://a/ answers 200 {} twice", "`twice` is one thing too many"),
        ("upstream GET http://a/ answers 200 after soon", "`soon` is no time such as 250ms"),
        ("upstream GET http://a/ answers 200 {}\n  piece \"x\"", "either data behind its status, or pieces below it"),
        ("upstream GET http://a/ answers 200\n  stays open\n  piece \"x\"", "the answer has ended in the line above"),
        ("upstream GET http://a/ answers 200\n  breaks of", "an answer `breaks off`, or it `stays open`"),
        ("piece \"x\"", "a `piece` belongs to an `upstream ... answers`"),
        ("upstream GET http://a/$bbo answers 200", "`$bbo` stands for nothing"),
    ] {
        // Settings come first only where that is not what is wrong.
        let found = if text.starts_with("config") || text == "set a = b" {
            parse(text, "file").expect_err(text).to_string()
        } else {
            mistake(text)
        };
        assert!(found.contains(said), "{text}\n  {found}\n  {said}");
    }
}

#[test]
fn a_step_is_shown_as_it_is_written() {
    let all =
        scenarios("scenario x\n    ada connects /sse\n      header a: b\n    ada gets x {\n      \"a\": 1\n    }\n");
    let sources: Vec<_> = all[0].steps.iter().map(|step| step.source.as_str()).collect();
    assert_eq!(sources, ["ada connects /sse\n  header a: b", "ada gets x {\n  \"a\": 1\n}"]);
}
