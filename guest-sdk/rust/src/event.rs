//! Building an [`Event`].

use std::time::Duration;

use crate::Event;

/// ```
/// use roomcast_sdk::Event;
///
/// let event = Event::new("hello").name("tick").id("7").retry_ms(2000);
/// assert_eq!(event.event.as_deref(), Some("tick"));
/// ```
impl Event {
    /// An event with this payload. Each CR, LF or CRLF ends a line; the client sees the lines joined by LF.
    pub fn new(data: impl Into<String>) -> Self {
        Self { data: data.into(), event: None, id: None, retry_ms: None }
    }

    /// An event whose payload is `data` as JSON, on one line.
    ///
    /// # Errors
    /// If `data` cannot be serialized, for example a map whose keys are not strings.
    #[cfg(feature = "json")]
    pub fn json(data: &impl serde::Serialize) -> Result<Self, serde_json::Error> {
        serde_json::to_string(data).map(Self::new)
    }

    /// Set the event's type, which clients pass to `addEventListener`. No CR, LF or NUL. The default is `message`.
    #[must_use]
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.event = Some(name.into());
        self
    }

    /// Set the client's last event id. No control characters, at most 1 KiB; an empty string resets it.
    #[must_use]
    pub fn id(mut self, id: impl Into<String>) -> Self {
        self.id = Some(id.into());
        self
    }

    /// Set the client's reconnection time in milliseconds, at least 500.
    #[must_use]
    pub fn retry_ms(mut self, milliseconds: u32) -> Self {
        self.retry_ms = Some(milliseconds);
        self
    }

    /// Set the client's reconnection time: at least 500 ms, at most about 49 days.
    #[must_use]
    pub fn retry(self, after: Duration) -> Self {
        self.retry_ms(u32::try_from(after.as_millis()).unwrap_or(u32::MAX))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_set_unasked() {
        assert_eq!(Event::new("a"), Event { data: "a".into(), event: None, id: None, retry_ms: None });
    }

    #[test]
    fn each_field_has_its_builder() {
        let built = Event::new("a").name("tick").id("").retry(Duration::from_secs(2));
        let plain = Event { data: "a".into(), event: Some("tick".into()), id: Some("".into()), retry_ms: Some(2000) };
        assert_eq!(built, plain);
        assert_eq!(Event::new("").retry(Duration::MAX).retry_ms, Some(u32::MAX));
    }

    #[cfg(feature = "json")]
    #[test]
    fn json_is_one_line() {
        let event = Event::json(&std::collections::BTreeMap::from([("text", "a\nb")])).expect("serialisable");
        assert_eq!(event.data, r#"{"text":"a\nb"}"#);
    }
}
