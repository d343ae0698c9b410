//! `wasi:keyvalue`: the plugin's own store, if it was granted one.

use wasmtime::component::{HasData, Resource, ResourceTable};

use super::{Bucket, Cas, KeyvalueError};
use crate::plugin::contract::bindings::keyvalue::{atomics, batch, store};
use crate::plugin::runtime::imports::calls::HostCalls;
use store::Error;

/// The one bucket that a plugin has.
const BUCKET: &str = "default";
/// The most keys in one call.
const MAX_KEYS: usize = 1_000;

/// What a call works on.
pub(in crate::plugin) struct KeyvalueHost<'a> {
    pub(in crate::plugin) calls: &'a mut HostCalls,
    /// The plugin's store, if it was granted one.
    pub(in crate::plugin) granted: Option<&'a Bucket>,
    /// The handles of buckets and of compare-and-swaps.
    pub(in crate::plugin) table: &'a mut ResourceTable,
}

impl HasData for KeyvalueHost<'static> {
    type Data<'a> = KeyvalueHost<'a>;
}

impl KeyvalueHost<'_> {
    /// Charge a host call, and look up the bucket of a handle.
    fn bucket(&mut self, bucket: &Resource<store::Bucket>, bytes: usize) -> Result<Bucket, Error> {
        self.charge_store(bytes)?;
        Ok(self.table.get(&own::<_, Bucket>(bucket)).map_err(lost)?.clone())
    }

    fn charge_store(&mut self, bytes: usize) -> Result<(), Error> {
        self.calls.charge(bytes).map_err(|error| Error::Other(error.text()))
    }

    fn error(&self, error: &KeyvalueError) -> Error {
        if let Some(key) = error.limit() {
            self.calls.plugin.metrics.limit_reached(key);
        }
        Error::Other(error.to_string())
    }

    fn hold(&mut self, cas: Cas) -> Result<Resource<atomics::Cas>, Error> {
        self.table.push(cas).map(|cas| own(&cas)).map_err(too_many)
    }
}

impl store::Host for KeyvalueHost<'_> {
    fn open(&mut self, identifier: String) -> Result<Resource<store::Bucket>, Error> {
        self.charge_store(identifier.len())?;
        let Some(bucket) = self.granted.cloned() else { return Err(Error::AccessDenied) };
        if identifier != BUCKET {
            return Err(Error::NoSuchStore);
        }
        self.table.push(bucket).map(|bucket| own(&bucket)).map_err(too_many)
    }
}

impl store::HostBucket for KeyvalueHost<'_> {
    fn get(&mut self, bucket: Resource<store::Bucket>, key: String) -> Result<Option<Vec<u8>>, Error> {
        Ok(self.bucket(&bucket, key.len())?.get(&key).map(|value| value.to_vec()))
    }

    fn set(&mut self, bucket: Resource<store::Bucket>, key: String, value: Vec<u8>) -> Result<(), Error> {
        let bucket = self.bucket(&bucket, key.len() + value.len())?;
        bucket.set(&key, value).map_err(|why| self.error(&why))
    }

    fn delete(&mut self, bucket: Resource<store::Bucket>, key: String) -> Result<(), Error> {
        self.bucket(&bucket, key.len())?.delete(&key);
        Ok(())
    }

    fn exists(&mut self, bucket: Resource<store::Bucket>, key: String) -> Result<bool, Error> {
        Ok(self.bucket(&bucket, key.len())?.exists(&key))
    }

    fn list_keys(
        &mut self,
        bucket: Resource<store::Bucket>,
        cursor: Option<String>,
    ) -> Result<store::KeyResponse, Error> {
        let bucket = self.bucket(&bucket, cursor.as_ref().map_or(0, String::len))?;
        // The cursor is the last key of the page.
        let page = bucket.keys(cursor.as_deref());
        let cursor = if page.more { page.keys.last().cloned() } else { None };
        Ok(store::KeyResponse { keys: page.keys, cursor })
    }

    fn drop(&mut self, bucket: Resource<store::Bucket>) -> wasmtime::Result<()> {
        self.table.delete(own::<_, Bucket>(&bucket))?;
        Ok(())
    }
}

impl atomics::Host for KeyvalueHost<'_> {
    fn increment(&mut self, bucket: Resource<store::Bucket>, key: String, delta: i64) -> Result<i64, Error> {
        self.bucket(&bucket, key.len())?.increment(&key, delta).map_err(|why| self.error(&why))
    }

    fn swap(&mut self, cas: Resource<atomics::Cas>, value: Vec<u8>) -> Result<(), atomics::CasError> {
        let Cas { bucket, key, revision } = self.table.delete(own::<_, Cas>(&cas)).map_err(lost)?;
        self.charge_store(value.len())?;
        match bucket.swap(&key, revision, value) {
            Ok(Ok(())) => Ok(()),
            Ok(Err(revision)) => Err(atomics::CasError::CasFailed(self.hold(Cas { bucket, key, revision })?)),
            Err(why) => Err(self.error(&why).into()),
        }
    }
}

impl atomics::HostCas for KeyvalueHost<'_> {
    fn new(&mut self, bucket: Resource<store::Bucket>, key: String) -> Result<Resource<atomics::Cas>, Error> {
        let bucket = self.bucket(&bucket, key.len())?;
        bucket.check_key(&key).map_err(|why| self.error(&why))?;
        let revision = bucket.revision(&key);
        self.hold(Cas { bucket, key, revision })
    }

    fn current(&mut self, cas: Resource<atomics::Cas>) -> Result<Option<Vec<u8>>, Error> {
        self.charge_store(0)?;
        let cas = self.table.get_mut(&own::<_, Cas>(&cas)).map_err(lost)?;
        cas.revision = cas.bucket.revision(&cas.key);
        Ok(cas.bucket.get(&cas.key).map(|value| value.to_vec()))
    }

    fn drop(&mut self, cas: Resource<atomics::Cas>) -> wasmtime::Result<()> {
        self.table.delete(own::<_, Cas>(&cas))?;
        Ok(())
    }
}

impl batch::Host for KeyvalueHost<'_> {
    fn get_many(
        &mut self,
        bucket: Resource<store::Bucket>,
        keys: Vec<String>,
    ) -> Result<Vec<Option<(String, Vec<u8>)>>, Error> {
        let bucket = self.bucket(&bucket, keys.iter().map(String::len).sum())?;
        check_number(keys.len())?;
        let values = bucket.get_many(&keys).map_err(|why| self.error(&why))?;
        Ok(keys.into_iter().zip(values).map(|(key, value)| Some((key, value?.to_vec()))).collect())
    }

    fn set_many(&mut self, bucket: Resource<store::Bucket>, pairs: Vec<(String, Vec<u8>)>) -> Result<(), Error> {
        let bucket = self.bucket(&bucket, pairs.iter().map(|(key, value)| key.len() + value.len()).sum())?;
        check_number(pairs.len())?;
        bucket.set_many(pairs).map_err(|why| self.error(&why))
    }

    fn delete_many(&mut self, bucket: Resource<store::Bucket>, keys: Vec<String>) -> Result<(), Error> {
        let bucket = self.bucket(&bucket, keys.iter().map(String::len).sum())?;
        check_number(keys.len())?;
        keys.iter().for_each(|key| bucket.delete(key));
        Ok(())
    }
}

impl From<Error> for atomics::CasError {
    fn from(error: Error) -> Self {
        Self::StoreError(error)
    }
}

/// The same handle with another type: the contract's resources stand for what lies in the table.
fn own<T: 'static, U: 'static>(handle: &Resource<T>) -> Resource<U> {
    Resource::new_own(handle.rep())
}

fn check_number(keys: usize) -> Result<(), Error> {
    if keys > MAX_KEYS {
        return Err(Error::Other(format!("one call takes at most {MAX_KEYS} keys: make several")));
    }
    Ok(())
}

fn too_many(_: impl std::error::Error) -> Error {
    Error::Other("too many handles are open: drop some first".into())
}

/// Handles are the engine's, and it does not make them up.
fn lost(_: impl std::error::Error) -> Error {
    Error::Other("the handle is not open any more".into())
}
