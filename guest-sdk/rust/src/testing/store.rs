//! The store of the fake hub, which is always granted. It outlives a reload, as the host's does.

use std::collections::BTreeMap;

use crate::Error;

const MAX_KEY: usize = 1 << 10;
const QUOTA: usize = 10 << 20;
/// Bytes added to each pair for the quota, as by the host.
const PAIR: usize = 128;

/// The plugin's keys and values.
pub(super) type Pairs = BTreeMap<String, Vec<u8>>;

pub(super) fn increment(pairs: &mut Pairs, key: &str, delta: i64) -> Result<i64, Error> {
    let number = match pairs.get(key) {
        Some(value) => {
            let text = std::str::from_utf8(value).ok();
            let number = text.and_then(|text| text.parse::<i64>().ok());
            number.ok_or_else(|| Error::Store("the value is no number in decimal".into()))?
        }
        None => 0,
    };
    let sum = number.checked_add(delta).ok_or_else(|| Error::Store("the sum is beyond 64 bits".into()))?;
    set(pairs, key, sum.to_string().into_bytes())?;
    Ok(sum)
}

pub(super) fn set(pairs: &mut Pairs, key: &str, value: Vec<u8>) -> Result<(), Error> {
    if key.len() > MAX_KEY {
        return Err(Error::Store("`capabilities.keyvalue.key_bytes`: a key has at most 1024 bytes".into()));
    }
    let others = pairs.iter().filter(|(other, _)| *other != key);
    let used: usize = others.map(|(key, value)| key.len() + value.len() + PAIR).sum();
    if used + key.len() + value.len() + PAIR > QUOTA {
        return Err(Error::Store("`capabilities.keyvalue.quota` = 10MiB: take something out first".into()));
    }
    pairs.insert(key.into(), value);
    Ok(())
}
