//! Checks what a plugin answers, before it goes to a client: whatever a plugin says, the answer is sound HTTP.
//!
//! A header that may not be sent is left out, with a line in the log; an answer that makes no sense becomes status 500.

use bytes::Bytes;

use super::framing::FRAMING;
use super::log::PluginLog;
use super::plugin::Plugin;
use crate::plugin::contract::messages::{Refusal, Response};

/// The most headers of one answer.
const MAX_HEADERS: usize = 100;

/// What a refusal is the answer to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::plugin) enum Refused {
    /// A stream: 204 may be its answer, after which a browser does not reconnect.
    Stream,
    /// Anything else.
    Other,
}

/// Check an answer in place of what was asked for: status 400 to 599, or 204 for a stream.
pub(in crate::plugin) fn refusal(plugin: &Plugin, refused: Refused, given: Refusal) -> Refusal {
    check_refusal(&plugin.log, refused, given, plugin.config.limits.answer_bytes)
}

/// Check the answer to a message: status 200 to 599.
pub(in crate::plugin) fn response(plugin: &Plugin, given: Response) -> Result<Response, Refusal> {
    check_response(&plugin.log, given, plugin.config.limits.answer_bytes)
}

fn check_refusal(log: &PluginLog, refused: Refused, given: Refusal, limit: usize) -> Refusal {
    let problem = match (given.status, refused) {
        (204, Refused::Stream) | (400..=599, _) => too_large(&given.headers, given.body.len(), limit),
        (status, Refused::Stream) => Some(format!("status {status}, which is neither 204 nor 400 to 599")),
        (status, Refused::Other) => Some(format!("status {status}, which is not 400 to 599")),
    };
    if let Some(problem) = problem {
        return unsound(log, &problem);
    }
    Refusal { headers: sendable(log, given.headers), ..given }
}

fn check_response(log: &PluginLog, given: Response, limit: usize) -> Result<Response, Refusal> {
    let problem = match given.status {
        200..=599 => too_large(&given.headers, given.body.len(), limit),
        status => Some(format!("status {status}, which is not 200 to 599")),
    };
    if let Some(problem) = problem {
        return Err(unsound(log, &problem));
    }
    let mut body = given.body;
    if matches!(given.status, 204 | 205 | 304) && !body.is_empty() {
        log.warn("answer", &format!("an answer with status {} has no body: it was left out", given.status));
        body = Bytes::new();
    }
    Ok(Response { headers: sendable(log, given.headers), body, ..given })
}

fn too_large(headers: &[(String, String)], body: usize, limit: usize) -> Option<String> {
    let in_headers: usize = headers.iter().map(|(name, value)| name.len() + value.len()).sum();
    if headers.len() > MAX_HEADERS {
        Some(format!("{} headers, more than {MAX_HEADERS}", headers.len()))
    } else if body > limit || in_headers > limit {
        let size = body.max(in_headers);
        Some(format!("{size} bytes, more than `limits.answer_bytes` = {limit}"))
    } else {
        None
    }
}

fn unsound(log: &PluginLog, problem: &str) -> Refusal {
    log.warn("answer", &format!("the plugin's answer cannot be sent: it has {problem}"));
    Refusal::new(500, format!("the answer of plugin `{}` cannot be sent", log.plugin()))
}

fn sendable(log: &PluginLog, headers: Vec<(String, String)>) -> Vec<(String, String)> {
    let mut sendable = Vec::with_capacity(headers.len());
    for (name, value) in headers {
        let name = name.to_ascii_lowercase();
        match objection(&name, &value) {
            None => sendable.push((name, value)),
            Some(why) => log.warn("answer", &format!("a header was left out, since {why}: {name}")),
        }
    }
    sendable
}

fn objection(name: &str, value: &str) -> Option<&'static str> {
    // RFC 9110, 5.6.2 and 5.5.
    let token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    let content = |byte: u8| byte == b'\t' || (byte >= b' ' && byte != 0x7f);
    if name.is_empty() || !name.bytes().all(token) {
        Some("its name is not a token")
    } else if !value.bytes().all(content) {
        Some("its value has a control character in it")
    } else if FRAMING.contains(&name) && !(name == "connection" && value.eq_ignore_ascii_case("close")) {
        Some("it governs the connection, which the host controls")
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plugin::config::Limits;

    const LIMIT: usize = 1000;

    fn log() -> PluginLog {
        PluginLog::new("p".into(), &Limits::default())
    }

    fn headers(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect()
    }

    fn answer(status: u16, body: &str) -> Response {
        Response { status, headers: Vec::new(), body: Bytes::copy_from_slice(body.as_bytes()) }
    }

    #[test]
    fn a_refusal_has_a_status_that_refuses() {
        for status in [204, 400, 401, 503, 599] {
            let given = Refusal::new(status, "no");
            assert_eq!(check_refusal(&log(), Refused::Stream, given.clone(), LIMIT), given);
        }
        for status in [0, 100, 200, 302, 399, 600, 1000] {
            for refused in [Refused::Stream, Refused::Other] {
                assert_eq!(check_refusal(&log(), refused, Refusal::new(status, "no"), LIMIT).status, 500, "{status}");
            }
        }
        // To a publisher, 204 would mean that it was done.
        assert_eq!(check_refusal(&log(), Refused::Other, Refusal::new(204, ""), LIMIT).status, 500);
    }

    #[test]
    fn a_response_has_a_final_status() {
        for status in [200, 201, 302, 404, 599] {
            assert_eq!(check_response(&log(), answer(status, "x"), LIMIT), Ok(answer(status, "x")));
        }
        for status in [0, 99, 101, 199, 600] {
            assert_eq!(
                check_response(&log(), answer(status, "x"), LIMIT).map_err(|refusal| refusal.status),
                Err(500),
                "{status}"
            );
        }
        assert_eq!(check_response(&log(), answer(204, "x"), LIMIT), Ok(answer(204, "")));
    }

    #[test]
    fn only_sound_headers_go_out() {
        let given = headers(&[
            ("Retry-After", "5"),
            ("set-cookie", "a=b"),
            ("set-cookie", "c=d"),
            ("x", "ü"),
            ("Content-Length", "9"),
            ("transfer-encoding", "chunked"),
            ("connection", "keep-alive"),
            ("connection", "Close"),
            ("a b", "x"),
            ("", "x"),
            (":status", "200"),
            ("x", "a\r\nset-cookie: forged"),
            ("x", "a\0"),
        ]);
        let checked = check_refusal(&log(), Refused::Other, Refusal { headers: given, ..Refusal::new(403, "") }, LIMIT);
        assert_eq!(
            checked.headers,
            headers(&[
                ("retry-after", "5"),
                ("set-cookie", "a=b"),
                ("set-cookie", "c=d"),
                ("x", "ü"),
                ("connection", "Close")
            ])
        );
    }

    #[test]
    fn answers_are_bounded() {
        let long = "x".repeat(LIMIT + 1);
        assert_eq!(check_refusal(&log(), Refused::Other, Refusal::new(403, long.clone()), LIMIT).status, 500);
        assert_eq!(check_response(&log(), answer(200, &long), LIMIT).map_err(|refusal| refusal.status), Err(500));
        let in_header = Refusal { headers: headers(&[("x", &long)]), ..Refusal::new(403, "") };
        assert_eq!(check_refusal(&log(), Refused::Other, in_header, LIMIT).status, 500);
        let many = Refusal { headers: headers(&[("x", ""); MAX_HEADERS + 1]), ..Refusal::new(403, "") };
        assert_eq!(check_refusal(&log(), Refused::Other, many, LIMIT).status, 500);
    }
}
