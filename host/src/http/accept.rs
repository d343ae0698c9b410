//! Content negotiation, for the one type that a stream has.

use hyper::HeaderMap;
use hyper::header::ACCEPT;

/// Whether a client takes `text/event-stream` (RFC 9110, 12.5.1): the most specific range that matches decides, and
/// a client that says nothing takes everything.
pub(super) fn takes_event_stream(headers: &HeaderMap) -> bool {
    let mut said = false;
    let mut best: Option<(u8, bool)> = None;
    for value in headers.get_all(ACCEPT) {
        let Ok(value) = value.to_str() else { continue };
        for range in value.split(',').map(str::trim).filter(|range| !range.is_empty()) {
            said = true;
            let mut parts = range.split(';').map(str::trim);
            let specific = match parts.next().unwrap_or_default().to_ascii_lowercase().as_str() {
                "text/event-stream" => 2,
                "text/*" => 1,
                "*/*" => 0,
                _ => continue,
            };
            let wanted = !parts.any(is_zero_quality);
            if best.is_none_or(|(so_far, _)| specific > so_far) {
                best = Some((specific, wanted));
            }
        }
    }
    best.map_or(!said, |(_, wanted)| wanted)
}

/// `q=0`, `q=0.0`, ...: "not acceptable".
fn is_zero_quality(parameter: &str) -> bool {
    parameter
        .split_once('=')
        .is_some_and(|(name, value)| name.trim().eq_ignore_ascii_case("q") && value.trim().parse() == Ok(0.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn takes(accept: &[&str]) -> bool {
        let mut headers = HeaderMap::new();
        for value in accept {
            headers.append(ACCEPT, value.parse().expect("a valid header"));
        }
        takes_event_stream(&headers)
    }

    #[test]
    fn who_does_not_exclude_it_gets_it() {
        for accept in [&[][..], &["text/event-stream"], &["*/*"], &["text/*"], &["TEXT/Event-Stream;q=0.5"]] {
            assert!(takes(accept), "{accept:?}");
        }
        assert!(takes(&["application/json, text/event-stream"]));
        assert!(takes(&["application/json", "*/*;q=0.1"]));
        assert!(takes(&["*/*;q=0, text/event-stream"]));
    }

    #[test]
    fn who_excludes_it_does_not() {
        for accept in ["application/json", "text/html, image/*", "text/event-stream;q=0, */*", "text/*; q=0.0, */*"] {
            assert!(!takes(&[accept]), "{accept}");
        }
    }
}
