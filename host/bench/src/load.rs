//! The load: subscribers, publishers, and the check that each stream gets its events.

pub(crate) mod arrivals;
pub(crate) mod client;
pub(crate) mod crowd;
pub(crate) mod http2;
pub(crate) mod latency;
pub(crate) mod ledger;
pub(crate) mod payload;
pub(crate) mod publisher;
pub(crate) mod recorder;
pub(crate) mod reloads;
pub(crate) mod sleepers;
pub(crate) mod stream;
pub(crate) mod subscriber;
mod times;
