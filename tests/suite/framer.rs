//! The framer against two parsers that know nothing of it: ours, written from the standard, and a published one.

use eventsource_stream::Eventsource;
use futures_util::StreamExt;
use proptest::prelude::*;
use roomcast::event::{Event, Frame};
use roomcast_tests::{Item, Parser};

/// Text in which everything that could confuse a parser is frequent.
fn text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        3 => "[a-z :]{0,6}",
        2 => prop::sample::select(vec!["\n", "\r", "\r\n", "\n\n", ": ", "data:", "id: 1", "event:x", "retry: 5", " ", "\u{feff}", "é", "🎉"])
            .prop_map(str::to_owned),
        1 => any::<char>().prop_map(String::from),
    ];
    prop::collection::vec(piece, 0..8).prop_map(|pieces| pieces.concat())
}

fn event() -> impl Strategy<Value = Event> {
    let id = prop::option::of("[A-Za-z0-9._-]{0,12}");
    let kind = prop::option::of("[a-z :é]{0,8}");
    (text(), kind, id, prop::option::of(500..=u32::MAX)).prop_map(|(data, event, id, retry_ms)| Event {
        data,
        event,
        id,
        retry_ms,
    })
}

/// What a client gets: every line ending is LF.
fn lines_joined(text: &str) -> String {
    text.replace("\r\n", "\n").replace('\r', "\n")
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    /// Any events, cut into pieces anywhere, come out of both parsers as they went in.
    #[test]
    fn encoder_and_parser_agree_on_any_events(events in prop::collection::vec(event(), 1..6), cut in 1..40usize) {
        let mut bytes = Vec::new();
        for event in &events {
            bytes.extend_from_slice(&Frame::event(event, usize::MAX).expect("valid").plain());
        }
        let mut last_id = String::new();
        let mut expected = Vec::new();
        for event in &events {
            if let Some(id) = &event.id {
                last_id.clone_from(id);
            }
            let kind = event.event.clone().filter(|kind| !kind.is_empty()).unwrap_or_else(|| "message".into());
            expected.push((kind, lines_joined(&event.data), last_id.clone()));
        }

        let mut parser = Parser::default();
        let items: Vec<Item> = bytes.chunks(cut).flat_map(|piece| parser.push(piece)).collect();
        prop_assert!(!parser.is_inside_something());
        let ours: Vec<_> = items.iter().filter_map(|item| match item {
            Item::Event(event) => Some((event.event.clone(), event.data.clone(), event.id.clone())),
            _ => None,
        }).collect();
        prop_assert_eq!(&ours, &expected);
        let retries: Vec<u64> = items.iter().filter_map(|item| if let Item::Retry(value) = item { Some(*value) } else { None }).collect();
        let sent: Vec<u64> = events.iter().filter_map(|event| event.retry_ms.map(u64::from)).collect();
        prop_assert_eq!(retries, sent);

        let pieces: Vec<Result<Vec<u8>, std::convert::Infallible>> = bytes.chunks(cut).map(|piece| Ok(piece.to_vec())).collect();
        let stream = futures_util::stream::iter(pieces).eventsource();
        let theirs: Vec<_> = tokio::runtime::Builder::new_current_thread().build().expect("a runtime")
            .block_on(stream.map(|event| event.map(|event| (event.event, event.data, event.id))).collect::<Vec<_>>())
            .into_iter().collect::<Result<_, _>>().expect("a valid stream");
        prop_assert_eq!(&theirs, &expected);
    }

    /// Whatever is refused, and whatever is not, no field can be forged.
    #[test]
    fn text_never_forges_a_field(data in text(), kind in text(), id in text()) {
        let event = Event { data, event: Some(kind.clone()), id: Some(id.clone()), retry_ms: None };
        if let Ok(frame) = Frame::event(&event, usize::MAX) {
            let mut parser = Parser::default();
            let items = parser.push(&frame.plain());
            let kind = if kind.is_empty() { "message".into() } else { kind };
            let expected = roomcast_tests::Received { event: kind, data: lines_joined(&event.data), id };
            prop_assert_eq!(items, vec![Item::Event(expected)]);
        }
        if let Ok(frame) = Frame::comment(&event.data) {
            prop_assert_eq!(Parser::default().push(&frame.plain()).len(), 1);
        }
    }
}
