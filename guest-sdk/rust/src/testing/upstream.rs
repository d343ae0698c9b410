//! Fetches on the fake hub: every destination is granted.

use super::rules;
use crate::fetch::{FetchId, Request};
use crate::{Connection, Error};

/// A fetch that the plugin has started.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fetch {
    /// Its id.
    pub id: FetchId,
    /// What the plugin is called with.
    pub token: String,
    /// What it asks for.
    pub request: Request,
}

/// Those that are under way.
#[derive(Default)]
pub(super) struct Fetches {
    under_way: Vec<Fetch>,
    last_id: u64,
}

impl Fetches {
    pub(super) fn start(&mut self, request: Request, token: &str) -> Result<FetchId, Error> {
        if self.under_way.len() == rules::MAX_FETCHES {
            return Err(rules::limit("capabilities.http.streams", "1,000 fetches are under way: cancel one"));
        }
        self.last_id += 1;
        let id = FetchId::from(self.last_id);
        self.under_way.push(Fetch { id, token: token.into(), request });
        Ok(id)
    }

    pub(super) fn under_way(&self) -> &[Fetch] {
        &self.under_way
    }

    /// Take out those that are for a connection, which has ended.
    pub(super) fn take_those_for(&mut self, connection: Connection) -> Vec<Fetch> {
        self.under_way.extract_if(.., |fetch| fetch.request.connection == Some(connection)).collect()
    }

    /// Take all out.
    pub(super) fn take(&mut self) -> Vec<Fetch> {
        std::mem::take(&mut self.under_way)
    }

    pub(super) fn find(&self, id: FetchId) -> Fetch {
        let found = self.under_way.iter().find(|fetch| fetch.id == id);
        found.unwrap_or_else(|| panic!("fetch {id} is not under way: it has ended, or was cancelled")).clone()
    }

    pub(super) fn remove(&mut self, id: FetchId) -> bool {
        let before = self.under_way.len();
        self.under_way.retain(|fetch| fetch.id != id);
        self.under_way.len() < before
    }
}
