//! Fetches of the fake hub, which grants every destination.

use super::rules;
use crate::fetch::{FetchId, Request};
use crate::{Connection, Error};

/// A fetch in flight.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fetch {
    /// Its id.
    pub id: FetchId,
    /// The token of its hooks.
    pub token: String,
    /// The request.
    pub request: Request,
}

/// The fetches in flight.
#[derive(Default)]
pub(super) struct Fetches {
    under_way: Vec<Fetch>,
    last_id: u64,
}

impl Fetches {
    pub(super) fn start(&mut self, request: Request, token: &str) -> Result<FetchId, Error> {
        if self.under_way.len() == rules::MAX_FETCHES {
            return Err(rules::limit("capabilities.http.streams", "1,000 fetches are in flight: cancel one"));
        }
        self.last_id += 1;
        let id = FetchId::from(self.last_id);
        self.under_way.push(Fetch { id, token: token.into(), request });
        Ok(id)
    }

    pub(super) fn in_flight(&self) -> &[Fetch] {
        &self.under_way
    }

    /// Remove and return the fetches of a connection that has ended.
    pub(super) fn take_those_for(&mut self, connection: Connection) -> Vec<Fetch> {
        self.under_way.extract_if(.., |fetch| fetch.request.connection == Some(connection)).collect()
    }

    /// Remove and return all.
    pub(super) fn take(&mut self) -> Vec<Fetch> {
        std::mem::take(&mut self.under_way)
    }

    pub(super) fn find(&self, id: FetchId) -> Fetch {
        let found = self.under_way.iter().find(|fetch| fetch.id == id);
        found.unwrap_or_else(|| panic!("fetch {id} is not in flight: it has ended, or was cancelled")).clone()
    }

    pub(super) fn remove(&mut self, id: FetchId) -> bool {
        let before = self.under_way.len();
        self.under_way.retain(|fetch| fetch.id != id);
        self.under_way.len() < before
    }
}
