//! The answers to fetches, as the test provides them.

use super::upstream::Fetch;
use super::{FakeHub, Hooks, world};
use crate::Body;
use crate::fetch::{Failure, FetchId};

impl<P: Hooks> FakeHub<P> {
    /// The fetches in flight, oldest first.
    pub fn fetches(&self) -> Vec<Fetch> {
        world::with(|world| world.fetches.in_flight().to_vec())
    }

    /// The upstream starts its answer: `on_response`, without headers.
    ///
    /// # Panics
    /// If this fetch is not in flight.
    pub fn respond(&mut self, fetch: FetchId, status: u16) {
        self.respond_with(fetch, status, &[]);
    }

    /// Like [`FakeHub::respond`], with headers.
    ///
    /// # Panics
    /// If this fetch is not in flight.
    pub fn respond_with(&mut self, fetch: FetchId, status: u16, headers: &[(&str, &str)]) {
        let Fetch { token, .. } = world::with(|world| world.fetches.find(fetch));
        let headers: Vec<_> =
            headers.iter().map(|(name, value)| (name.to_ascii_lowercase(), (*value).to_owned())).collect();
        if let Some(on_response) = P::RESPONSE {
            on_response(&mut self.plugin, &token, status, &headers);
        }
        self.settle();
    }

    /// A chunk of the answer arrives: `on_chunk`.
    ///
    /// # Panics
    /// If this fetch is not in flight.
    pub fn chunk(&mut self, fetch: FetchId, chunk: impl Into<Body>) {
        let Fetch { token, .. } = world::with(|world| world.fetches.find(fetch));
        if let Some(on_chunk) = P::CHUNK {
            on_chunk(&mut self.plugin, &token, chunk.into());
        }
        self.settle();
    }

    /// The answer is complete, or the fetch fails: `on_end`.
    ///
    /// # Panics
    /// If this fetch is not in flight.
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
