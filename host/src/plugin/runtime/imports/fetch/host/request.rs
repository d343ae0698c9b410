//! Makes an HTTP request of what a plugin passes to `fetch`, and checks each part.

use std::time::Duration;

use bytes::Bytes;
use http_body_util::Full;
use hyper::header::{CONTENT_LENGTH, HOST, HeaderMap, HeaderName, HeaderValue};
use hyper::{Method, Request, Uri};

use crate::plugin::contract::bindings::fetch::Outgoing;
use crate::plugin::contract::bindings::types::Error;
use crate::plugin::runtime::framing::FRAMING;
use crate::plugin::runtime::imports::http::{self, HttpTarget};

/// The longest method, in bytes.
const MAX_METHOD: usize = 64;
/// The longest address, in bytes.
const MAX_URL: usize = 8 << 10;
/// The most headers, and what they may take together with the 4 bytes that are around each, in bytes.
const MAX_HEADERS: usize = 100;
const MAX_HEADER_BYTES: usize = 32 << 10;
/// Headers that the host sets, beside those of [`FRAMING`].
const HOST_SET: [&str; 2] = ["expect", "host"];

/// The plugin's own timeout.
pub(super) fn timeout(milliseconds: Option<u32>) -> Result<Option<Duration>, Error> {
    match milliseconds {
        Some(0) => Err(Error::invalid("request.timeout-ms", "is at least 1")),
        other => Ok(other.map(|time| Duration::from_millis(time.into()))),
    }
}

/// The host that it goes to.
pub(super) fn target(url: &str) -> Result<HttpTarget, Error> {
    let wrong = |why: &str| Error::invalid("request.url", why);
    if url.len() > MAX_URL {
        return Err(wrong("is longer than 8 KiB"));
    }
    let not_one = "is not an address such as `https://api.example.org/v1/chat` (what is not ASCII has to be encoded)";
    if !url.is_ascii() {
        return Err(wrong(not_one));
    }
    let uri: Uri = url.parse().map_err(|_| wrong(not_one))?;
    if !matches!(uri.scheme_str(), Some("http" | "https")) {
        return Err(wrong("does not begin with http:// or https://"));
    }
    if uri.authority().is_some_and(|authority| authority.as_str().contains('@')) {
        return Err(wrong("has a name or password in it: send them in a header"));
    }
    HttpTarget::of(&uri).ok_or_else(|| wrong(not_one))
}

/// The request in origin form; `count` counts its body.
pub(super) fn into_origin_form(
    request: Outgoing,
    count: impl FnOnce(Bytes) -> Result<Bytes, Error>,
) -> Result<Request<Full<Bytes>>, Error> {
    let uri: Uri = request.url.parse().expect("an address that was parsed before");
    let method = method(&request.method)?;
    let mut headers = headers(&request.headers)?;
    let host = uri.authority().expect("a target has one").as_str();
    headers.insert(HOST, HeaderValue::from_str(host).map_err(|_| Error::invalid("request.url", "has an odd host"))?);
    let body = Bytes::from(request.body);
    if body.is_empty() && matches!(method, Method::POST | Method::PUT | Method::PATCH) {
        // Without it some servers wait for a body (RFC 9110, 8.6).
        headers.insert(CONTENT_LENGTH, HeaderValue::from_static("0"));
    }
    let mut request = Request::new(Full::new(count(body)?));
    (*request.method_mut(), *request.uri_mut(), *request.headers_mut()) = (method, uri, headers);
    Ok(http::into_origin_form(request))
}

fn method(name: &str) -> Result<Method, Error> {
    let wrong = |why: &str| Error::invalid("request.method", why);
    if name.len() > MAX_METHOD {
        return Err(wrong("is longer than 64 bytes"));
    }
    match Method::from_bytes(name.as_bytes()) {
        Ok(Method::CONNECT | Method::TRACE) => Err(wrong("CONNECT and TRACE are not requests for an answer")),
        Ok(method) => Ok(method),
        Err(_) => Err(wrong("is not a method such as `GET` or `POST`")),
    }
}

fn headers(given: &[(String, String)]) -> Result<HeaderMap, Error> {
    let wrong = |why: String| Error::invalid("request.headers", why);
    let size: usize = given.iter().map(|(name, value)| name.len() + value.len() + 4).sum();
    if given.len() > MAX_HEADERS || size > MAX_HEADER_BYTES {
        return Err(wrong(format!("are more than {MAX_HEADERS}, or 32 KiB")));
    }
    let mut headers = HeaderMap::with_capacity(given.len() + 2);
    for (name, value) in given {
        let shown = || name.escape_default().take(100).collect::<String>();
        let Ok(name) = HeaderName::from_bytes(name.as_bytes()) else {
            return Err(wrong(format!("`{}` is not a header's name", shown())));
        };
        if FRAMING.contains(&name.as_str()) && name != hyper::header::DATE || HOST_SET.contains(&name.as_str()) {
            return Err(wrong(format!("`{name}` governs the connection: the host sets it")));
        }
        let Ok(value) = HeaderValue::from_bytes(value.as_bytes()) else {
            return Err(wrong(format!("the value of `{name}` has a control character in it")));
        };
        headers.append(name, value);
    }
    Ok(headers)
}

#[cfg(test)]
mod tests {
    use http_body_util::BodyExt;

    use super::*;

    fn outgoing(method: &str, url: &str, headers: &[(&str, &str)], body: &str) -> Outgoing {
        Outgoing {
            method: method.into(),
            url: url.into(),
            headers: headers.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect(),
            body: body.into(),
            connection: None,
            timeout_ms: None,
        }
    }

    fn refused<T>(result: Result<T, Error>) -> String {
        result.err().expect("refused").text()
    }

    #[tokio::test]
    async fn requests_are_sent_as_given() {
        let asked = outgoing("POST", "http://example.org:8080/a?b=c#d", &[("X-Own", "ü"), ("date", "now")], "hi");
        let request = into_origin_form(asked, Ok).expect("sound");
        assert_eq!((request.method().as_str(), request.uri().to_string().as_str()), ("POST", "/a?b=c"));
        assert_eq!(request.headers()["host"], "example.org:8080");
        assert_eq!(request.headers()["x-own"].as_bytes(), "ü".as_bytes());
        assert_eq!(request.into_body().collect().await.expect("whole").to_bytes(), "hi");
        let request = into_origin_form(outgoing("POST", "https://example.org?x", &[], ""), Ok).expect("sound");
        assert_eq!(request.uri().to_string(), "/?x");
        assert_eq!(request.headers()["content-length"], "0");
        assert!(
            !into_origin_form(outgoing("GET", "https://a", &[], ""), Ok)
                .expect("sound")
                .headers()
                .contains_key("content-length")
        );
    }

    #[test]
    fn urls_without_a_host_or_with_credentials_are_refused() {
        for (url, why) in [
            ("", "is not an address"),
            ("/path", "does not begin with http"),
            ("example.org", "does not begin with http"),
            ("ftp://example.org/", "does not begin with http"),
            ("http://", "is not an address"),
            ("http://ex ample.org/", "is not an address"),
            ("http://example.org/ü", "is not an address"),
            ("http://example.org:99999/", "is not an address"),
            ("http://name:word@example.org/", "has a name or password"),
        ] {
            let text = refused(target(url));
            assert!(text.starts_with("`request.url`: ") && text.contains(why), "{url}: {text}");
        }
        assert!(refused(target(&format!("http://example.org/{}", "x".repeat(MAX_URL)))).contains("8 KiB"));
        assert_eq!(target("HTTPS://Example.org./").expect("sound").to_string(), "https://example.org:443");
    }

    #[test]
    fn methods_are_tokens_and_no_tunnels() {
        for name in ["", "A B", "CONNECT", "TRACE", "a\r\nb", &"X".repeat(65)] {
            assert!(refused(method(name)).starts_with("`request.method`: "), "{name}");
        }
        assert_eq!(method("PROPFIND").expect("sound").as_str(), "PROPFIND");
    }

    #[test]
    fn invalid_and_connection_headers_are_refused() {
        for (name, value) in [
            ("", "x"),
            ("a b", "x"),
            ("x", "a\r\nb"),
            ("x", "\0"),
            ("Host", "example.org"),
            ("content-length", "1"),
            ("transfer-encoding", "chunked"),
            ("connection", "close"),
            ("expect", "100-continue"),
            ("te", "trailers"),
        ] {
            let text = refused(headers(&[(name.into(), value.into())]));
            assert!(text.starts_with("`request.headers`: "), "{text}");
        }
        let many = vec![("x".to_owned(), String::new()); MAX_HEADERS + 1];
        assert!(headers(&many).is_err() && headers(&many[1..]).is_ok());
        assert!(headers(&[("x".into(), "x".repeat(MAX_HEADER_BYTES))]).is_err());
    }

    #[test]
    fn a_timeout_of_zero_is_refused() {
        assert!(timeout(Some(0)).is_err());
        assert_eq!(timeout(Some(5)).ok().flatten(), Some(Duration::from_millis(5)));
    }
}
