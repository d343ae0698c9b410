//! Answers that several handlers give, and what every answer has in common.

use hyper::header::{self, HeaderValue};
use hyper::{Method, Response, StatusCode};

use super::body::{self, Body};
use super::refusal_log;

/// A short answer in plain text.
pub(super) fn text(status: StatusCode, body: impl Into<String>) -> Response<Body> {
    let body = body.into();
    let mut response = empty(status);
    refusal_log::keep_reason(&mut response, &body);
    *response.body_mut() = body::full(body);
    let plain = HeaderValue::from_static("text/plain; charset=utf-8");
    response.headers_mut().insert(header::CONTENT_TYPE, plain);
    response
}

/// An answer without a body.
pub(super) fn empty(status: StatusCode) -> Response<Body> {
    let mut response = Response::new(body::none());
    *response.status_mut() = status;
    response
}

/// The answer to a method that a path does not have.
pub(super) fn method_not_allowed(allow: &'static str) -> Response<Body> {
    let mut response = text(StatusCode::METHOD_NOT_ALLOWED, format!("this address takes {allow}\n"));
    response.headers_mut().insert(header::ALLOW, HeaderValue::from_static(allow));
    response
}

/// The answer to OPTIONS.
pub(super) fn options(allow: &'static str) -> Response<Body> {
    let mut response = empty(StatusCode::NO_CONTENT);
    response.headers_mut().insert(header::ALLOW, HeaderValue::from_static(allow));
    response
}

/// Add headers that a plugin has asked for; the plugin's side has checked which may be.
pub(super) fn append(response: &mut Response<Body>, headers: Vec<(String, String)>) {
    for (name, value) in headers {
        let parsed = (header::HeaderName::try_from(name), HeaderValue::try_from(value));
        if let (Ok(name), Ok(value)) = parsed {
            // A type that was chosen takes the place of ours; others may occur several times, as cookies do.
            if name == header::CONTENT_TYPE {
                response.headers_mut().insert(name, value);
            } else {
                response.headers_mut().append(name, value);
            }
        }
    }
}

/// An answer as the method wants it: to HEAD without its body, whose length is still told if it is known.
pub(super) fn for_method(method: &Method, mut response: Response<Body>) -> Response<Body> {
    if method == Method::HEAD
        && let Some(length) = hyper::body::Body::size_hint(response.body()).exact()
    {
        response.headers_mut().entry(header::CONTENT_LENGTH).or_insert(length.into());
        *response.body_mut() = body::none();
    }
    response
}

/// Whether a method asks for what is at an address, without changing it.
pub(super) fn is_read(method: &Method) -> bool {
    method == Method::GET || method == Method::HEAD
}
