//! Compares what was expected with what was received.

use super::StepResult;
use crate::event::ReceivedEvent;
use crate::scenario::answer::Answer;
use crate::scenario::diff::{self, Line, Mark};
use crate::scenario::fault::Fault;
use crate::scenario::normal;
use crate::scenario::pattern::{Pattern, TextPattern, Variables};
use crate::scenario::request::UpstreamRequest;
use crate::scenario::script::{self, Data, Retry};
use crate::scenario::show;
use crate::scenario::value::{Value, quoted};

/// An event; `variables` get what `as` names.
pub(super) fn event(expected: &script::EventPattern, event: &ReceivedEvent, variables: &mut Variables) -> StepResult {
    let kind = expected.kind.as_ref().map(|kind| kind.fill(variables));
    let wanted = kind.as_deref().unwrap_or("message");
    if wanted != event.kind() {
        let fault = Fault::new(format!("another event came: `{}` instead of `{wanted}`", event.kind()));
        return Err(fault.with_diff(vec![
            line(Mark::Expected, show::expected(expected, variables)),
            line(Mark::Received, show::event(event)),
        ]));
    }
    let open = match &expected.data {
        None => LeftOpen::Unsaid,
        Some(Data::Json(pattern)) if pattern.is_open() => LeftOpen::Unsaid,
        Some(_) => LeftOpen::Nothing,
    };
    if let Some(wanted) = &expected.data {
        data(wanted, &event.data, variables)
            .map_err(|lines| Fault::new(format!("`{}` came with other data", event.kind())).with_diff(lines))?;
    }
    rest(expected, event, variables, open)
}

/// What of an event may be there without being named.
#[derive(Clone, Copy, PartialEq, Eq)]
enum LeftOpen {
    Nothing,
    Unsaid,
}

/// The id and the time to come back.
fn rest(expected: &script::EventPattern, event: &ReceivedEvent, variables: &Variables, open: LeftOpen) -> StepResult {
    let id_fits = match (&expected.id, &event.id) {
        (Some(expected), Some(id)) => expected.matches(id, variables),
        (None, Some(_)) => open == LeftOpen::Unsaid,
        (expected, None) => expected.is_none(),
    };
    if !id_fits {
        let received = event.id.as_ref().map_or_else(|| "no id".into(), |id| format!("id {}", quoted(id)));
        let wanted = show::id(expected.id.as_ref(), variables);
        return Err(differs(event.kind(), "id", wanted.trim(), &received));
    }
    let retry_fits = match (expected.retry, event.retry) {
        (Some(Retry::Anything), Some(_)) => true,
        (Some(Retry::After(expected)), Some(retry)) => expected == retry,
        (None, Some(_)) => open == LeftOpen::Unsaid,
        (expected, None) => expected.is_none(),
    };
    if !retry_fits {
        let received = show::retry(event.retry.map(Retry::After));
        let received = if received.is_empty() { "no retry" } else { received.trim() };
        return Err(differs(event.kind(), "retry", show::retry(expected.retry).trim(), received));
    }
    Ok(())
}

fn differs(kind: &str, what: &str, expected: &str, received: &str) -> Fault {
    let expected = if expected.is_empty() { format!("no {what}") } else { expected.to_owned() };
    let lines = vec![line(Mark::Expected, expected), line(Mark::Received, received.into())];
    Fault::new(format!("`{kind}` came with another {what}")).with_diff(lines)
}

/// An answer to a client, a publisher or an operator.
pub(super) fn answer(expected: &script::AnswerPattern, answer: &Answer, variables: &mut Variables) -> StepResult {
    if let Some(status) = expected.status
        && status != answer.status
    {
        let lines = vec![line(Mark::Expected, status.to_string()), line(Mark::Received, show::answer(answer))];
        return Err(Fault::new(format!("the answer was {}, not {status}", answer.status)).with_diff(lines));
    }
    if let Some(wanted) = &expected.data {
        data(wanted, &answer.body, variables).map_err(|lines| {
            Fault::new(format!("the answer {} says something else", answer.status)).with_diff(lines)
        })?;
    }
    headers("the answer", &expected.headers, &answer.headers, variables)
}

/// A request to an upstream.
pub(super) fn request(
    expected: Option<&Data>,
    headers: &[(String, TextPattern)],
    request: &UpstreamRequest,
    variables: &mut Variables,
) -> StepResult {
    if let Some(wanted) = expected {
        data(wanted, &request.body, variables).map_err(|lines| {
            Fault::new(format!("the request {} {} has other data", request.method, request.url)).with_diff(lines)
        })?;
    }
    self::headers("the request", headers, &request.headers, variables)
}

/// Headers of an answer or a request.
fn headers(
    of: &str,
    expected: &[(String, TextPattern)],
    found: &[(String, String)],
    variables: &Variables,
) -> StepResult {
    for (name, wanted) in expected {
        let mut values = found.iter().filter(|(other, _)| other == name).map(|(_, value)| value);
        if !values.any(|value| wanted.matches(value, variables)) {
            let all = found.iter().map(|(name, value)| format!("{name}: {value}")).collect();
            return Err(Fault::new(format!("{of} has no such header `{name}`")).with_note("it has", all));
        }
    }
    Ok(())
}

/// What an event, an answer or a request carries. `variables` get what `as` names.
fn data(expected: &Data, text: &str, variables: &mut Variables) -> Result<(), Vec<Line>> {
    let whole = text;
    let text = normal::data(text);
    match expected {
        Data::Text(pattern) if is_text(pattern, whole, variables) || is_text(pattern, text, variables) => Ok(()),
        Data::Text(pattern) => Err(diff::text(pattern, text, variables)),
        Data::Json(pattern) => {
            // What is no JSON can still be a name's text, or anything.
            let value = match (pattern, Value::parse(text)) {
                (Pattern::Variable(_), value) => {
                    let as_text = Value::Text(text.into());
                    value.filter(|value| pattern.matches(value, variables)).unwrap_or(as_text)
                }
                (_, Some(value)) => value,
                (_, None) => Value::Text(text.into()),
            };
            if pattern.matches(&value, variables) {
                pattern.name(&value, variables);
                return Ok(());
            }
            Err(diff::json(pattern, &value, variables))
        }
    }
}

/// Whether a text, or JSON in its shortest form, is what is expected.
fn is_text(expected: &TextPattern, text: &str, variables: &Variables) -> bool {
    let shortest = || match Value::parse(text) {
        Some(value @ (Value::List(_) | Value::Object(_))) => Some(value.to_string()),
        _ => None,
    };
    expected.matches(text, variables) || shortest().is_some_and(|text| expected.matches(&text, variables))
}

fn line(mark: Mark, text: String) -> Line {
    Line { mark, text }
}
