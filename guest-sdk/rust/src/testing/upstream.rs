//! Fetches on the fake hub: every destination is granted, and the test says what the other side answers.

use super::{FakeHub, Hooks, rules, world};
use crate::fetch::{Failure, FetchId, Request};
use crate::{Body, Connection, Error};

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
    /// Take out those that are for a connection, which has ended.
    pub(super) fn take_those_for(&mut self, connection: Connection) -> Vec<Fetch> {
        self.under_way.extract_if(.., |fetch| fetch.request.connection == Some(connection)).collect()
    }

    /// Take all out.
    pub(super) fn take(&mut self) -> Vec<Fetch> {
        std::mem::take(&mut self.under_way)
    }

    fn find(&self, id: FetchId) -> Fetch {
        let found = self.under_way.iter().find(|fetch| fetch.id == id);
        found.unwrap_or_else(|| panic!("fetch {id} is not under way: it has ended, or was cancelled")).clone()
    }

    fn remove(&mut self, id: FetchId) -> bool {
        let before = self.under_way.len();
        self.under_way.retain(|fetch| fetch.id != id);
        self.under_way.len() < before
    }
}

pub(crate) fn start_fetch(request: Request, token: &str) -> Result<FetchId, Error> {
    world::with(|world| {
        if !world.has_fetch_hook {
            return Err(rules::invalid("token", "the plugin does not export `fetch-events`: name OnFetch in export!"));
        }
        rules::fetch(&request, token)?;
        if let Some(connection) = request.connection {
            world.open_client(connection)?;
        }
        let fetches = &mut world.fetches;
        if fetches.under_way.len() == rules::MAX_FETCHES {
            return Err(rules::limit("capabilities.http.streams", "1,000 fetches are under way: cancel one"));
        }
        fetches.last_id += 1;
        let id = FetchId(fetches.last_id);
        fetches.under_way.push(Fetch { id, token: token.into(), request });
        Ok(id)
    })
}

pub(crate) fn cancel_fetch(id: FetchId) -> bool {
    world::with(|world| world.fetches.remove(id))
}

impl<P: Hooks> FakeHub<P> {
    /// The fetches that are under way, the oldest first.
    pub fn fetches(&self) -> Vec<Fetch> {
        world::with(|world| world.fetches.under_way.clone())
    }

    /// The other side begins to answer: `on_response`, without headers.
    ///
    /// # Panics
    /// When this fetch is not under way.
    pub fn respond(&mut self, fetch: FetchId, status: u16) {
        self.respond_with(fetch, status, &[]);
    }

    /// As [`FakeHub::respond`], with headers.
    ///
    /// # Panics
    /// When this fetch is not under way.
    pub fn respond_with(&mut self, fetch: FetchId, status: u16, headers: &[(&str, &str)]) {
        let Fetch { token, .. } = world::with(|world| world.fetches.find(fetch));
        let headers: Vec<_> =
            headers.iter().map(|(name, value)| (name.to_ascii_lowercase(), (*value).to_owned())).collect();
        if let Some(on_response) = P::RESPONSE {
            on_response(&mut self.plugin, &token, status, &headers);
        }
        self.settle();
    }

    /// A piece of the answer comes: `on_chunk`.
    ///
    /// # Panics
    /// When this fetch is not under way.
    pub fn chunk(&mut self, fetch: FetchId, chunk: impl Into<Body>) {
        let Fetch { token, .. } = world::with(|world| world.fetches.find(fetch));
        if let Some(on_chunk) = P::CHUNK {
            on_chunk(&mut self.plugin, &token, chunk.into());
        }
        self.settle();
    }

    /// The answer is whole, or nothing more comes: `on_end`.
    ///
    /// # Panics
    /// When this fetch is not under way.
    pub fn end(&mut self, fetch: FetchId, outcome: Result<(), Failure>) {
        let fetch = world::with(|world| {
            let found = world.fetches.find(fetch);
            world.fetches.remove(fetch);
            found
        });
        self.tell_end(&fetch, outcome);
        self.settle();
    }

    pub(super) fn tell_end(&mut self, fetch: &Fetch, outcome: Result<(), Failure>) {
        if let Some(on_end) = P::END {
            on_end(&mut self.plugin, &fetch.token, outcome);
        }
    }
}
