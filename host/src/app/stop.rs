//! The end of the shards at shutdown.

use tokio::sync::oneshot;

use super::GRACE;
use crate::hub::Hub;
use crate::supervise;

/// End the shards, on a thread of its own: those of the runtime's pool may all be held by files that block.
pub(super) async fn end_shards(hub: Hub) {
    let (done, ended) = oneshot::channel();
    let stopping = move || {
        hub.stop();
        // The receiver may have given up.
        let _ = done.send(());
    };
    let stopped = match supervise::thread("hub-stop", stopping) {
        Ok(_) => tokio::time::timeout(GRACE, ended).await.is_ok(),
        Err(_) => false,
    };
    if !stopped {
        tracing::warn!("the delivery threads did not end in time");
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::sync_channel;
    use std::time::Duration;

    use tokio::runtime::Builder;
    use tokio::time::timeout;

    use super::*;
    use crate::hub::{Config, HubLimits};

    #[test]
    fn shards_end_although_all_blocking_threads_are_busy() {
        let runtime = Builder::new_multi_thread().max_blocking_threads(1).enable_all().build().expect("a runtime");
        let (held, holds) = sync_channel::<()>(0);
        runtime.spawn_blocking(move || _ = holds.recv());
        let (hub, _departures) = Hub::start(&Config::default(), HubLimits::default()).expect("a hub");
        let ended = runtime.block_on(async { timeout(Duration::from_secs(60), end_shards(hub)).await });
        assert!(ended.is_ok());
        drop(held);
    }
}
