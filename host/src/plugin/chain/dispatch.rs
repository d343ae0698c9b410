//! Questions and notices to one plugin, whichever instance and version it has by now.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use super::snapshot::About;
use super::{Chain, Lane, Seat};
use crate::event::ConnectionId;
use crate::plugin::actor::{Notice, Question, Reply, Unavailable};
use crate::plugin::config::OnFailure;
use crate::plugin::contract::messages::Refusal;
use crate::plugin::runtime::version::Version;

/// How often to look again whom to ask. Instances end after others have taken their place in the chain, so the second
/// look finds those; more would only mean that the chain changes all the time.
const LOOKS: usize = 8;

impl Chain {
    /// Ask a plugin: its answer, and the version that has given it. `None` when the chain goes on without it.
    ///
    /// # Errors
    /// What is to be answered when it has no answer and may not be gone on without.
    pub(super) async fn ask<T>(
        &self,
        seat: &Seat,
        about: About<'_>,
        question: impl Fn(Reply<T>) -> Question,
    ) -> Result<Option<(Arc<Version>, T)>, Refusal> {
        let mut later = None;
        for _ in 0..LOOKS {
            let seat = later.as_ref().unwrap_or(seat);
            let lane = seat.lane_for(about);
            let version = &lane.version;
            match lane.instance(about).ask(version, &question).await {
                Ok(answer) => return Ok(Some((version.clone(), answer))),
                // Since the look at the chain it was given other instances, or was taken out.
                Err(Unavailable::Ended) if !self.is_ending() => match self.line().seat(seat.id) {
                    Some(now) => later = Some(now.clone()),
                    None => return Ok(None),
                },
                Err(why) => return without(version, why),
            }
        }
        without(&later.as_ref().unwrap_or(seat).lane.version, Unavailable::Failed)
    }

    /// Tell a plugin what concerns a connection; `lane` is the version that has the connection.
    pub(super) async fn tell(&self, seat: &Seat, lane: &Lane, id: ConnectionId, mut notices: Vec<Notice>) {
        let about = About::Connection(id);
        let mut lane = lane.clone();
        for _ in 0..LOOKS {
            notices = match lane.instance(about).tell(notices).await {
                Ok(()) => return,
                Err(notices) => notices,
            };
            match self.line().seat(seat.id) {
                Some(now) if !self.is_ending() => lane = now.lane_for(about).clone(),
                _ => return,
            }
        }
    }

    fn is_ending(&self) -> bool {
        self.0.ending.load(Ordering::Acquire)
    }
}

/// A plugin has no answer: whether the chain goes on without it.
fn without<T>(version: &Version, why: Unavailable) -> Result<Option<T>, Refusal> {
    if version.config.on_failure == OnFailure::Open {
        version.metrics.left_out.increment(1);
        return Ok(None);
    }
    Err(why.refusal(&version.name))
}
