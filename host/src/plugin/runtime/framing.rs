//! Headers that are the host's own, in what plugins answer and in what they ask for.

/// Those that govern the connection or the framing of a message (RFC 9110, 7.6.1; RFC 9113, 8.2.2).
pub(in crate::plugin) const FRAMING: [&str; 10] = [
    "connection",
    "content-length",
    "date",
    "keep-alive",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "http2-settings",
];
