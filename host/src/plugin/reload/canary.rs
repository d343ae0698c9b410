//! A version on trial: it gets a share of the new connections, until it is promoted or abandoned.

use std::sync::Arc;

use tokio::sync::oneshot;
use tokio::time::Instant;

use super::coordinator::{Director, failed, reloaded, retire, said};
use super::{ReloadError, Reloaded};
use crate::plugin::actor::{Handle, Order, StateSource, Trial, taught};
use crate::plugin::artifact::cache::hex;
use crate::plugin::chain::loading::Started;
use crate::plugin::chain::{Canary, Seat};
use crate::plugin::runtime::instance::SavedState;
use crate::plugin::runtime::load_error::{LoadError, Problem};
use crate::plugin::runtime::status::LastReload;

impl Director {
    /// Put a version on trial, in place of one that may be.
    pub(super) async fn put_on_trial(&mut self, seat: &Seat, started: Started) -> Result<Reloaded, ReloadError> {
        let version = started.version.clone();
        let share = version.config.canary.expect("only a version with a share is put on trial");
        let (started, said) = match informed(seat, started).await {
            Ok(informed) => informed,
            Err(problem) => return Err(failed(&seat.lane.version, LoadError::new(&version.name, problem))),
        };
        let trial = Arc::new(Trial::of_canary(&version.config, self.alarm(seat.id, &version)));
        let canary = Canary::new(started.serve(&trial), share, trial);
        self.put(Seat { canary: Some(Arc::new(canary)), ..seat.clone() });
        if let Some(before) = &seat.canary {
            retire(before.lane.clone());
        }
        match version.config.canary_time {
            Some(time) => _ = self.promotions.insert(seat.id, Instant::now() + time),
            None => _ = self.promotions.remove(&seat.id),
        }
        version.progress.change(|life| life.last_reload = Some(LastReload::now("canary", None)));
        version.metrics.reloaded("canary");
        let (plugin, generation, hash) = (&*version.name, version.generation, hex(&version.hash[..6]));
        tracing::info!(plugin, generation, hash, "a new version gets {share} of the new connections; {said}");
        Ok(reloaded(&version, "canary", Some(said)))
    }

    /// Let the version on trial have all connections. It goes on with the state of the version that had most of them.
    pub(super) async fn promote(&mut self, plugin: &str) -> Result<Reloaded, ReloadError> {
        let seat = self.seat(plugin)?;
        let Some(canary) = &seat.canary else { return Err(ReloadError::NoCanary { name: plugin.into() }) };
        let started = match Started::again(canary.lane.version.clone()).await {
            Ok(started) => started,
            Err(why) => return Err(failed(&seat.lane.version, why)),
        };
        let done = self.replace(&seat, started, &StateSource::Current, "promoted").await?;
        self.promotions.remove(&seat.id);
        retire(canary.lane.clone());
        Ok(done)
    }

    /// End the version on trial.
    pub(super) fn abandon(&mut self, plugin: &str) -> Result<Reloaded, ReloadError> {
        let seat = self.seat(plugin)?;
        let Some(canary) = &seat.canary else { return Err(ReloadError::NoCanary { name: plugin.into() }) };
        self.end_trial(&seat, canary, "abandoned", None);
        Ok(reloaded(&seat.lane.version, "abandoned", None))
    }

    /// The version on trial is not wanted any more. `why` is set when it failed too often.
    pub(super) fn end_trial(&mut self, seat: &Seat, canary: &Canary, outcome: &'static str, why: Option<String>) {
        self.promotions.remove(&seat.id);
        self.put(Seat { canary: None, ..seat.clone() });
        retire(canary.lane.clone());
        let version = &canary.lane.version;
        version.metrics.reloaded(outcome);
        version.progress.change(|life| {
            if why.is_some() {
                life.bad = Some(version.hash);
            }
            life.last_reload = Some(LastReload::now(outcome, why.clone()));
        });
        let (plugin, generation) = (&*version.name, version.generation);
        match why {
            Some(why) => tracing::error!(plugin, generation, "the version on trial is abandoned: {why}"),
            None => tracing::info!(plugin, generation, "the version on trial is abandoned"),
        }
    }
}

/// Give the instances of a version on trial a copy of the state.
async fn informed(seat: &Seat, started: Started) -> Result<(Started, String), Problem> {
    let Started { version, instances } = started;
    let mut taught_all = Vec::with_capacity(instances.len());
    let mut fate = None;
    for (number, instance) in instances.into_iter().enumerate() {
        let state = match seat.lane.instances.get(number) {
            Some(serving) => copy_of_state(serving).await?,
            None => None,
        };
        let (instance, kept) = taught(instance, state, "the version before has none to copy").await?;
        taught_all.push(instance);
        fate.get_or_insert(kept.fate);
    }
    let said = fate.as_ref().map(said).unwrap_or_default();
    Ok((Started { version, instances: taught_all }, said))
}

async fn copy_of_state(serving: &Handle) -> Result<Option<SavedState>, Problem> {
    let (reply, answer) = oneshot::channel();
    serving.order(Order::Copy(reply)).await;
    answer.await.unwrap_or(Err(Problem::NoAnswer))
}
