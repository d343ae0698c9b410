//! Calls to the store, if the operator has granted one.

use std::cell::OnceCell;

use crate::Error;
use crate::bindings::drafts::wasi::keyvalue::{atomics, store};

impl From<store::Error> for Error {
    fn from(error: store::Error) -> Self {
        match error {
            store::Error::AccessDenied => Self::NotPermitted("capabilities.keyvalue".into()),
            store::Error::NoSuchStore => Self::Store("there is no bucket with this name".into()),
            store::Error::Other(why) => Self::Store(why),
        }
    }
}

/// Call `work` with the bucket, which is opened once.
fn bucket<T>(work: impl FnOnce(&store::Bucket) -> Result<T, store::Error>) -> Result<T, Error> {
    thread_local! {
        static BUCKET: OnceCell<store::Bucket> = const { OnceCell::new() };
    }
    BUCKET.with(|cell| {
        let bucket = match cell.get() {
            Some(bucket) => bucket,
            None => {
                let opened = store::open("default")?;
                cell.get_or_init(|| opened)
            }
        };
        Ok(work(bucket)?)
    })
}

pub(crate) fn store_get(key: &str) -> Result<Option<Vec<u8>>, Error> {
    bucket(|bucket| bucket.get(key))
}

pub(crate) fn store_set(key: &str, value: &[u8]) -> Result<(), Error> {
    bucket(|bucket| bucket.set(key, value))
}

pub(crate) fn store_delete(key: &str) -> Result<(), Error> {
    bucket(|bucket| bucket.delete(key))
}

pub(crate) fn store_exists(key: &str) -> Result<bool, Error> {
    bucket(|bucket| bucket.exists(key))
}

pub(crate) fn store_keys() -> Result<Vec<String>, Error> {
    let mut keys = Vec::new();
    let mut cursor = None;
    loop {
        let page = bucket(|bucket| bucket.list_keys(cursor.as_deref()))?;
        keys.extend(page.keys);
        cursor = page.cursor;
        if cursor.is_none() {
            return Ok(keys);
        }
    }
}

pub(crate) fn store_increment(key: &str, delta: i64) -> Result<i64, Error> {
    bucket(|bucket| atomics::increment(bucket, key, delta))
}
