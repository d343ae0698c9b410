//! Commands that use the store: `kv-open` (`bucket`), and on the bucket `default` `kv-get`, `kv-set` (`value`), `kv-delete`,
//! `kv-exists`, `kv-increment` (`delta`) with a `key`; `kv-keys` (all pages), `kv-page` (`cursor`), `kv-get-many`,
//! `kv-delete-many` (`keys`), `kv-set-many` (`keys`, `value`); `kv-swap` (`key`, `value`, and `meanwhile`: what to set before
//! the swap; answers what the handle saw, and sees after a failure). `repeat` makes a value that many times as long, `fill`
//! sets this many keys and answers how many were stored.

use serde_json::{Value, json};

use crate::bindings::drafts::wasi::keyvalue::atomics::{self, Cas, CasError};
use crate::bindings::drafts::wasi::keyvalue::batch;
use crate::bindings::drafts::wasi::keyvalue::store::{self, Bucket, Error};
use crate::command::Arguments;

/// Run a command if it is one of these.
///
/// # Errors
/// When an argument is missing.
pub(crate) fn run(op: &str, arguments: &Arguments<'_>) -> Result<Option<Value>, String> {
    if !op.starts_with("kv-") {
        return Ok(None);
    }
    let bucket = match store::open(arguments.optional_text("bucket").unwrap_or("default")) {
        Ok(bucket) => bucket,
        Err(why) => return Ok(Some(error(&why))),
    };
    Ok(Some(match op {
        "kv-open" => json!({"ok": null}),
        "kv-get" => answer(bucket.get(arguments.text("key")?).map(text)),
        "kv-set" => answer(bucket.set(arguments.text("key")?, &value(arguments)?).map(|()| Value::Null)),
        "kv-delete" => answer(bucket.delete(arguments.text("key")?).map(|()| Value::Null)),
        "kv-exists" => answer(bucket.exists(arguments.text("key")?).map(Value::from)),
        "kv-increment" => {
            let delta = arguments.command["delta"].as_i64().ok_or("no number `delta`")?;
            answer(atomics::increment(&bucket, arguments.text("key")?, delta).map(Value::from))
        }
        "kv-keys" => answer(keys(&bucket).map(Value::from)),
        "kv-page" => {
            let page = bucket.list_keys(arguments.optional_text("cursor"));
            answer(page.map(|page| json!({"keys": page.keys, "cursor": page.cursor})))
        }
        "kv-get-many" => {
            let found = batch::get_many(&bucket, &list(arguments)?);
            let pair = |pair: Option<(String, Vec<u8>)>| pair.map(|(key, value)| json!([key, text(Some(value))]));
            answer(found.map(|pairs| pairs.into_iter().map(pair).collect()))
        }
        "kv-set-many" => {
            let value = value(arguments)?;
            let pairs: Vec<_> = list(arguments)?.into_iter().map(|key| (key, value.clone())).collect();
            answer(batch::set_many(&bucket, &pairs).map(|()| Value::Null))
        }
        "kv-delete-many" => answer(batch::delete_many(&bucket, &list(arguments)?).map(|()| Value::Null)),
        "kv-swap" => swap(&bucket, arguments)?,
        "kv-fill" => {
            let (count, value) = (arguments.number::<usize>("fill")?, value(arguments)?);
            let taken = (0..count).take_while(|number| bucket.set(&format!("fill{number:05}"), &value).is_ok());
            json!({"ok": taken.count()})
        }
        other => return Err(format!("there is no command `{other}`")),
    }))
}

fn value(arguments: &Arguments<'_>) -> Result<Vec<u8>, String> {
    let times = arguments.command["repeat"].as_u64().unwrap_or(1) as usize;
    Ok(arguments.text("value")?.repeat(times).into_bytes())
}

fn list(arguments: &Arguments<'_>) -> Result<Vec<String>, String> {
    let keys = arguments.command["keys"].as_array().ok_or("no list `keys`")?;
    keys.iter().map(|key| key.as_str().map(Into::into).ok_or_else(|| "a key is text".into())).collect()
}

fn keys(bucket: &Bucket) -> Result<Vec<String>, Error> {
    let mut keys = Vec::new();
    let mut cursor = None;
    loop {
        let page = bucket.list_keys(cursor.as_deref())?;
        keys.extend(page.keys);
        cursor = page.cursor;
        if cursor.is_none() {
            return Ok(keys);
        }
    }
}

fn swap(bucket: &Bucket, arguments: &Arguments<'_>) -> Result<Value, String> {
    let (key, value) = (arguments.text("key")?, value(arguments)?);
    let run = || -> Result<Value, CasError> {
        let cas = Cas::new(bucket, key).map_err(CasError::StoreError)?;
        let seen = text(cas.current().map_err(CasError::StoreError)?);
        if let Some(meanwhile) = arguments.optional_text("meanwhile") {
            bucket.set(key, meanwhile.as_bytes()).map_err(CasError::StoreError)?;
        }
        match atomics::swap(cas, &value) {
            Ok(()) => Ok(json!({"seen": seen})),
            Err(CasError::CasFailed(cas)) => {
                let now = text(cas.current().map_err(CasError::StoreError)?);
                atomics::swap(cas, &value)?;
                Ok(json!({"seen": seen, "then": now}))
            }
            Err(why) => Err(why),
        }
    };
    Ok(match run() {
        Ok(value) => json!({"ok": value}),
        Err(CasError::StoreError(why)) => error(&why),
        Err(CasError::CasFailed(_)) => json!({"error": {"kind": "cas-failed"}}),
    })
}

fn text(value: Option<Vec<u8>>) -> Value {
    value.map_or(Value::Null, |bytes| String::from_utf8_lossy(&bytes).into())
}

fn answer(result: Result<Value, Error>) -> Value {
    match result {
        Ok(value) => json!({"ok": value}),
        Err(why) => error(&why),
    }
}

fn error(error: &Error) -> Value {
    json!({"error": match error {
        Error::NoSuchStore => json!({"kind": "no-such-store"}),
        Error::AccessDenied => json!({"kind": "access-denied"}),
        Error::Other(why) => json!({"kind": "other", "reason": why}),
    }})
}
