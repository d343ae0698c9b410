//! Commands that make requests: `fetch` (`url`, `method`, `body` with `repeat`, `headers` as pairs, and times in milliseconds:
//! `connect_ms`, `first_byte_ms`, `between_bytes_ms`) answers `status`, `headers` and the `body` as text. With `parallel` it
//! begins as many before it waits for the first, and answers a list. `keep-asking` (`url`) goes on for ever.

use serde_json::{Value, json};
use wasip2::http::outgoing_handler::{self, FutureIncomingResponse};
use wasip2::http::types::{
    ErrorCode, Fields, IncomingBody, Method, OutgoingBody, OutgoingRequest, RequestOptions, Scheme,
};
use wasip2::io::streams::StreamError;

use crate::command::Arguments;

/// Why a request has no answer.
enum Failure {
    /// The host says so.
    Code(ErrorCode),
    /// It did not even come to be one.
    Wrong(&'static str),
}

impl From<ErrorCode> for Failure {
    fn from(code: ErrorCode) -> Self {
        Self::Code(code)
    }
}

/// Run a command if it is one of these.
///
/// # Errors
/// When an argument is missing.
pub(crate) fn run(op: &str, arguments: &Arguments<'_>) -> Result<Option<Value>, String> {
    let url = match op {
        "fetch" | "keep-asking" => arguments.text("url")?,
        _ => return Ok(None),
    };
    if op == "keep-asking" {
        loop {
            let _ = begin(url, arguments).and_then(|response| finish(&response));
        }
    }
    let Some(count) = arguments.command["parallel"].as_u64() else {
        return Ok(Some(answer(begin(url, arguments).and_then(|response| finish(&response)))));
    };
    let begun: Vec<_> = (0..count).map(|_| begin(url, arguments)).collect();
    let answers: Value = begun.into_iter().map(|begun| answer(begun.and_then(|response| finish(&response)))).collect();
    Ok(Some(json!({"ok": answers})))
}

fn begin(url: &str, arguments: &Arguments<'_>) -> Result<FutureIncomingResponse, Failure> {
    let (scheme, rest) = url.split_once("://").ok_or(Failure::Wrong("url"))?;
    let at = rest.find('/').unwrap_or(rest.len());
    let (authority, path) = rest.split_at(at);
    let headers = Fields::new();
    for pair in arguments.command["headers"].as_array().into_iter().flatten() {
        let (name, value) = (pair[0].as_str().unwrap_or_default(), pair[1].as_str().unwrap_or_default());
        headers.append(name, value.as_bytes()).map_err(|_| Failure::Wrong("header"))?;
    }
    let request = OutgoingRequest::new(headers);
    let scheme = match scheme {
        "http" => Scheme::Http,
        "https" => Scheme::Https,
        other => Scheme::Other(other.into()),
    };
    request.set_scheme(Some(&scheme)).map_err(|()| Failure::Wrong("scheme"))?;
    request.set_authority(Some(authority)).map_err(|()| Failure::Wrong("authority"))?;
    request.set_path_with_query(Some(path)).map_err(|()| Failure::Wrong("path"))?;
    let method = match arguments.optional_text("method") {
        None | Some("GET") => Method::Get,
        Some("POST") => Method::Post,
        Some("CONNECT") => Method::Connect,
        Some(other) => Method::Other(other.into()),
    };
    request.set_method(&method).map_err(|()| Failure::Wrong("method"))?;
    let body = request.body().map_err(|()| Failure::Wrong("body"))?;
    let response = outgoing_handler::handle(request, Some(options(arguments)?))?;
    send(body, arguments)?;
    Ok(response)
}

fn options(arguments: &Arguments<'_>) -> Result<RequestOptions, Failure> {
    let options = RequestOptions::new();
    let time = |name: &str| arguments.command[name].as_u64().map(|milliseconds| milliseconds * 1_000_000);
    let set = options
        .set_connect_timeout(time("connect_ms"))
        .and(options.set_first_byte_timeout(time("first_byte_ms")))
        .and(options.set_between_bytes_timeout(time("between_bytes_ms")));
    set.map_err(|()| Failure::Wrong("options"))?;
    Ok(options)
}

fn send(body: OutgoingBody, arguments: &Arguments<'_>) -> Result<(), Failure> {
    let text = arguments.optional_text("body").unwrap_or_default();
    let bytes = text.repeat(arguments.command["repeat"].as_u64().unwrap_or(1) as usize).into_bytes();
    let stream = body.write().map_err(|()| Failure::Wrong("stream"))?;
    // The other side may have gone; what it said of that is in its answer.
    let _ = bytes.chunks(4096).try_for_each(|chunk| stream.blocking_write_and_flush(chunk));
    drop(stream);
    Ok(OutgoingBody::finish(body, None)?)
}

fn finish(response: &FutureIncomingResponse) -> Result<Value, Failure> {
    response.subscribe().block();
    let answer = response.get().ok_or(Failure::Wrong("future"))?;
    let answer = answer.map_err(|()| Failure::Wrong("future"))??;
    let headers: Vec<_> = answer.headers().entries();
    let headers: Vec<_> = headers.iter().map(|(name, value)| json!([name, String::from_utf8_lossy(value)])).collect();
    let body = answer.consume().map_err(|()| Failure::Wrong("body"))?;
    let text = String::from_utf8_lossy(&read(&body)?).into_owned();
    Ok(json!({"status": answer.status(), "headers": headers, "body": text}))
}

fn read(body: &IncomingBody) -> Result<Vec<u8>, Failure> {
    let stream = body.stream().map_err(|()| Failure::Wrong("stream"))?;
    let mut bytes = Vec::new();
    loop {
        match stream.blocking_read(16 << 10) {
            Ok(part) => bytes.extend(part),
            Err(StreamError::Closed) => return Ok(bytes),
            Err(StreamError::LastOperationFailed(why)) => {
                let code = wasip2::http::types::http_error_code(&why);
                return Err(code.map_or(Failure::Wrong("read"), Failure::Code));
            }
        }
    }
}

fn answer(result: Result<Value, Failure>) -> Value {
    match result {
        Ok(value) => json!({"ok": value}),
        Err(Failure::Code(code)) => json!({"error": {"kind": "http", "code": name(&code)}}),
        Err(Failure::Wrong(what)) => json!({"error": {"kind": "other", "reason": what}}),
    }
}

/// `ConnectionRefused` of `ErrorCode::ConnectionRefused`, and of what has more to it.
fn name(code: &ErrorCode) -> String {
    let shown = format!("{code:?}");
    let shown = shown.strip_prefix("ErrorCode::").unwrap_or(&shown);
    shown.split(['(', ' ']).next().unwrap_or_default().into()
}
