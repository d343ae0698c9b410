//! The actions: a JSON object whose `action` names one.
//!
//! - `ok`: nothing; `instance`: the number of this instance, which another one does not have
//! - `loop`: for ever, without a call to the host; `host-loop`: for ever, with nothing but calls
//! - `trap`: a panic; `unreachable`: the instruction; `exit`: as a program would; `exit-with-words`: after saying why
//! - `recurse`: until the engine's stack is used up; `overflow`: until the guest's own stack is
//! - `eat`: memory without end
//! - `sleep` (`n` milliseconds): in the host
//! - `spin` (`n` milliseconds): computes
//! - `flood` (`room`, `n`): broadcasts without a pause; answers how many were taken, and the first error
//! - `huge`: an event of 10 MB to its own connection; `big-return` (`n` bytes): a returned text of 50 MB
//! - `print-flood`: 10,000 lines of 1,000 characters on each of the standard streams
//! - `bad-ids`: every function that takes a connection, with ids that no connection has; answers those that accepted one
//! - `timer` (`token`, `delay_ms`): an action for later; `fetch` (`token`, `url`): one for when something comes

use std::hint::black_box;
use std::io::Write;
use std::time::Duration;

use serde_json::{Value, json};

use crate::bindings::grantable::roomcast::plugin::fetch::{self, Outgoing};
use crate::bindings::roomcast::plugin::hub;
use crate::bindings::roomcast::plugin::timers::{self, Repetition};
use crate::bindings::roomcast::plugin::types::{ConnectionId, Error, Event};

/// What came of an action.
pub(crate) struct Done {
    /// For the tests to read.
    pub(crate) answer: Value,
    /// A text that the hook is to return, whatever it returns else.
    pub(crate) big: Option<String>,
}

/// # Errors
/// When there is no such action.
#[expect(clippy::print_stdout, clippy::disallowed_methods, reason = "the forbidden is what this is for")]
pub(crate) fn run(action: &Value, connection: Option<ConnectionId>) -> Result<Done, String> {
    let own = connection.unwrap_or(ConnectionId { high: 0x0192_f3c4_7b1e_4c55, low: 0x9c0e_2f6d_1c1b_8a77 });
    let number = action["n"].as_u64().unwrap_or(1_000);
    let answer = match action["action"].as_str().unwrap_or_default() {
        "ok" => json!("ok"),
        "instance" => json!(crate::instance()),
        "loop" => for_ever(|| {}),
        "host-loop" => for_ever(|| _ = hub::is_open(own)),
        "trap" => panic!("told to trap"),
        "unreachable" => std::process::abort(),
        "recurse" => json!(recurse(number)),
        "overflow" => json!(overflow(number)),
        "exit" => std::process::exit(1),
        "exit-with-words" => {
            // The last line has no end.
            let _ = write!(std::io::stderr(), "Traceback:\n  in a file\nZeroDivisionError: division by zero");
            std::process::exit(1)
        }
        "eat" => eat(),
        "sleep" => {
            std::thread::sleep(Duration::from_millis(number));
            json!("slept")
        }
        "spin" => {
            let start = std::time::Instant::now();
            while start.elapsed() < Duration::from_millis(number) {}
            json!("spun")
        }
        "flood" => flood(action["room"].as_str().unwrap_or("__all"), number),
        "huge" => outcome(hub::send_event(own, &event("x".repeat(10_000_000)))),
        "big-return" => {
            let bytes = action["n"].as_u64().unwrap_or(50_000_000);
            return Ok(Done { answer: json!("big"), big: Some("x".repeat(bytes as usize)) });
        }
        "print-flood" => {
            let line = "x".repeat(1_000);
            for _ in 0..10_000 {
                println!("{line}");
                let _ = writeln!(std::io::stderr(), "{line}");
            }
            json!("printed")
        }
        "bad-ids" => json!(bad_ids()),
        "timer" => {
            let delay = action["delay_ms"].as_u64().unwrap_or(1) as u32;
            let token = action["token"].as_str().unwrap_or("ok");
            outcome(timers::set(delay, Repetition::Once, token).map(drop))
        }
        "fetch" => {
            let text = |name: &str| action[name].as_str().unwrap_or_default().to_owned();
            let request = Outgoing {
                method: "GET".into(),
                url: text("url"),
                headers: Vec::new(),
                body: Vec::new(),
                connection: None,
                timeout_ms: None,
            };
            outcome(fetch::start(&request, &text("token")).map(drop))
        }
        other => return Err(format!("there is no action `{other}`")),
    };
    Ok(Done { answer, big: None })
}

fn event(data: String) -> Event {
    Event { data, event: None, id: None, retry_ms: None }
}

fn outcome(result: Result<(), Error>) -> Value {
    match result {
        Ok(()) => json!("ok"),
        Err(why) => json!(format!("{why:?}")),
    }
}

fn for_ever(mut work: impl FnMut()) -> Value {
    // The compiler must not know that this has no end.
    while black_box(true) {
        work();
    }
    Value::Null
}

/// Deeper than the engine's stack. What is done with the result keeps the compiler from making a loop of it.
#[inline(never)]
fn recurse(depth: u64) -> u64 {
    if depth == u64::MAX { 0 } else { recurse(depth + 1).rotate_left(7) ^ depth }
}

/// Deeper than the stack that the guest keeps in its memory: each level holds a kilobyte that is needed afterwards.
fn overflow(depth: u64) -> u64 {
    let level = black_box([depth; 128]);
    if black_box(true) { overflow(depth + 1) + level[127] } else { 0 }
}

fn eat() -> Value {
    let mut eaten: Vec<Vec<u8>> = Vec::new();
    for_ever(|| eaten.push(black_box(vec![1; 1 << 20])))
}

fn flood(room: &str, number: u64) -> Value {
    let (mut taken, mut receivers, mut first_error) = (0, 0, None);
    for count in 0..number {
        match hub::broadcast(room, &event(count.to_string()), None) {
            Ok(reached) => (taken, receivers) = (taken + 1, receivers + u64::from(reached)),
            Err(why) => drop(first_error.get_or_insert_with(|| format!("{why:?}"))),
        }
    }
    json!({"taken": taken, "receivers": receivers, "first_error": first_error})
}

/// The calls that did not refuse an id that no connection has.
fn bad_ids() -> Vec<String> {
    let mut accepted = Vec::new();
    for (high, low) in [(0, 0), (0, 1), (1, 0), (u64::MAX, u64::MAX), (0x0192_f3c4_7b1e_4c55, 0x9c0e_2f6d_1c1b_8a77)] {
        let id = ConnectionId { high, low };
        let calls = [
            ("send-event", hub::send_event(id, &event("x".into())).is_ok()),
            ("send-comment", hub::send_comment(id, "x").is_ok()),
            ("close", hub::close(id).is_ok()),
            ("is-open", hub::is_open(id)),
            ("join", hub::join(id, "x").is_ok()),
            ("leave", hub::leave(id, "x").is_ok()),
            ("rooms-of", hub::rooms_of(id).is_ok()),
            ("tag", hub::tag(id).is_ok()),
            ("set-tag", hub::set_tag(id, Some("x")).is_ok()),
        ];
        let wrong = calls.into_iter().filter(|(_, accepts)| *accepts);
        accepted.extend(wrong.map(|(call, _)| format!("{call}({id:?})")));
    }
    accepted
}
