//! The plugin's own settings: the `[plugins.config]` table of its entry in `roomcast.toml`.

use std::fmt::Display;
use std::str::FromStr;

use crate::host;

/// The value of `key`, or none if it is not set.
///
/// # Errors
/// If the host cannot read its store; the text says why.
pub fn get(key: &str) -> Result<Option<String>, String> {
    host::config(key)
}

/// All keys with their values.
///
/// # Errors
/// If the host cannot read its store; the text says why.
pub fn get_all() -> Result<Vec<(String, String)>, String> {
    host::config_all()
}

/// The value of `key`, parsed as a number, a boolean, or any other type with `FromStr`; none if it is not set.
///
/// ```
/// # use roomcast_sdk::testing::FakeHub;
/// # #[derive(Default)] struct None_;
/// # impl roomcast_sdk::Rooms for None_ {}
/// # roomcast_sdk::export!(None_: Rooms);
/// # let hub = FakeHub::<None_>::configured([("interval_ms", "250")])?;
/// let interval: u32 = roomcast_sdk::config::parse("interval_ms")?.unwrap_or(1000);
/// # assert_eq!(interval, 250);
/// # Ok::<(), String>(())
/// ```
///
/// # Errors
/// If the value cannot be parsed. The text names the key and the value, and may be returned from
/// [`Plugin::new`](crate::Plugin::new).
pub fn parse<T: FromStr<Err: Display>>(key: &str) -> Result<Option<T>, String> {
    let Some(text) = get(key)? else { return Ok(None) };
    text.parse().map(Some).map_err(|why| format!("config `{key}` = \"{text}\": {why}"))
}
