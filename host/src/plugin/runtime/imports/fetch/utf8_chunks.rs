//! Splits an answer's bytes into chunks for a plugin, none of which ends in the middle of a character.

use bytes::{Bytes, BytesMut};

/// The most bytes of one chunk.
const MAX_CHUNK: usize = 64 << 10;

/// Bytes that were received and not delivered yet.
#[derive(Default)]
pub(super) struct Utf8Chunks(BytesMut);

impl Utf8Chunks {
    pub(super) fn push(&mut self, bytes: &[u8]) {
        self.0.extend_from_slice(bytes);
    }

    /// The next chunk. An incomplete character at the end is kept until the rest of it has come.
    pub(super) fn next(&mut self) -> Option<Bytes> {
        let most = self.0.len().min(MAX_CHUNK);
        let whole = match std::str::from_utf8(&self.0[..most]) {
            Err(cut) if cut.error_len().is_none() => cut.valid_up_to(),
            Ok(_) | Err(_) => most,
        };
        (whole > 0).then(|| self.0.split_to(whole).freeze())
    }

    /// What is left at the end of the answer: an incomplete character.
    pub(super) fn rest(self) -> Option<Bytes> {
        (!self.0.is_empty()).then(|| self.0.freeze())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn cut(parts: &[&[u8]]) -> Vec<Bytes> {
        let mut chunks = Utf8Chunks::default();
        let mut all = Vec::new();
        for part in parts {
            chunks.push(part);
            all.extend(std::iter::from_fn(|| chunks.next()));
        }
        all.extend(chunks.rest());
        all
    }

    #[test]
    fn a_character_is_never_split() {
        assert_eq!(cut(&[b"a\xe2", b"\x82", b"\xacb"]), ["a", "€b"]);
        assert_eq!(cut(&[b"\xf0", b"\x9f", b"\x98", b"\x80"]), ["😀"]);
        assert_eq!(cut(&[b"", b"x", b""]), ["x"]);
    }

    #[test]
    fn invalid_utf8_is_not_held_back() {
        assert_eq!(cut(&[b"a\xff", b"b"]), [&b"a\xff"[..], b"b"]);
        assert_eq!(cut(&[b"a\xe2", b"\x82"]), [&b"a"[..], b"\xe2\x82"], "an incomplete character");
        assert_eq!(cut(&[b"\xe2", b"x"]), [&b"\xe2x"[..]]);
    }

    #[test]
    fn chunks_are_bounded() {
        let long = "€".repeat(MAX_CHUNK);
        let chunks = cut(&[long.as_bytes()]);
        assert!(chunks.iter().all(|chunk| std::str::from_utf8(chunk).is_ok() && chunk.len() <= MAX_CHUNK));
        assert_eq!(chunks.iter().map(Bytes::len).sum::<usize>(), long.len());
        assert_eq!(cut(&[&[0xff; MAX_CHUNK + 1]]).len(), 2);
    }

    proptest! {
        #[test]
        fn all_bytes_are_kept(parts: Vec<Vec<u8>>) {
            let parts: Vec<&[u8]> = parts.iter().map(Vec::as_slice).collect();
            let chunks = cut(&parts);
            prop_assert!(chunks.iter().all(|chunk| !chunk.is_empty()));
            prop_assert_eq!(chunks.concat(), parts.concat());
        }

        #[test]
        fn text_stays_text_however_it_is_split(whole: String, cuts: Vec<prop::sample::Index>) {
            let mut ends: Vec<_> = cuts.iter().map(|cut| cut.index(whole.len() + 1)).collect();
            ends.push(whole.len());
            ends.sort_unstable();
            let starts = std::iter::once(0).chain(ends.iter().copied());
            let parts: Vec<_> = starts.zip(&ends).map(|(start, &end)| &whole.as_bytes()[start..end]).collect();
            prop_assert!(cut(&parts).iter().all(|chunk| std::str::from_utf8(chunk).is_ok()));
        }
    }
}
