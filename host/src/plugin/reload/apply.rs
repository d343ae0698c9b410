//! A new configuration: plugins come in, go out, change and move, all at once or not at all.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::SystemTime;

use super::coordinator::{Director, failed, retire};
use super::transaction::{Replacement, swap};
use super::{Applied, ReloadError, files};
use crate::plugin::actor::SeatId;
use crate::plugin::actor::{StateSource, Trial};
use crate::plugin::chain::Seat;
use crate::plugin::chain::loading::{self, Started};
use crate::plugin::config::PluginConfig;
use crate::plugin::runtime::load_error::LoadError;
use crate::plugin::runtime::status::{Progress, State, seconds};
use crate::plugin::runtime::version::Version;

/// What becomes of one entry.
enum Entry {
    /// As it was.
    Keep(Seat),
    /// It is there, and has another version or configuration.
    Replace(Seat, Started),
    /// It was not there.
    Add(Started),
}

impl Director {
    /// Make the chain what these entries say.
    pub(super) async fn apply(&mut self, configs: Vec<PluginConfig>) -> Result<Applied, ReloadError> {
        // Before they are read, so that no change is missed.
        self.watch(&configs);
        let applied = self.try_apply(configs).await;
        if applied.is_err() {
            let line = self.chain.line();
            self.watch(line.seats.iter().map(|seat| &seat.lane.version.config));
        }
        applied
    }

    fn watch<'a>(&self, plugins: impl IntoIterator<Item = &'a PluginConfig>) {
        if let Some(watcher) = &self.watcher {
            watcher.set(&files(plugins));
        }
    }

    async fn try_apply(&mut self, configs: Vec<PluginConfig>) -> Result<Applied, ReloadError> {
        loading::check_names(&configs)?;
        let entries = match self.prepare(configs).await {
            Ok(entries) => entries,
            Err(why) => return Err(self.blamed(why)),
        };
        let mut applied = Applied::default();
        let (mut seats, mut replaced, mut replacements) = (Vec::new(), Vec::new(), Vec::new());
        for entry in entries {
            match entry {
                Entry::Keep(seat) => {
                    applied.kept.push(seat.name().to_owned());
                    seats.push(Some(seat));
                }
                Entry::Replace(seat, started) => {
                    applied.replaced.push(seat.name().to_owned());
                    let trial = Arc::new(self.trial(seat.id, &started.version));
                    replaced.push((seats.len(), seat.clone(), started.version.clone()));
                    replacements.push(Replacement::new(&seat, started, &StateSource::Current, trial));
                    seats.push(None);
                }
                Entry::Add(started) => {
                    applied.added.push(started.version.name.to_string());
                    self.last_seat += 1;
                    let lane = started.serve(&Arc::new(Trial::none()));
                    seats.push(Some(Seat { id: SeatId(self.last_seat), lane, canary: None }));
                }
            }
        }
        let mut retired = Vec::new();
        match swap(replacements).await {
            Ok(swapped) => {
                for (swapped, (place, seat, version)) in swapped.into_iter().zip(replaced) {
                    self.took_over(&seat, &version, &swapped, "reloaded");
                    retired.extend(swapped.retired);
                    retired.extend(seat.canary.as_ref().map(|canary| canary.lane.clone()));
                    seats[place] = Some(Seat { id: seat.id, lane: swapped.lane, canary: None });
                }
            }
            Err(why) => {
                let added = |seat: &Seat| self.chain.line().seat(seat.id).is_none();
                seats.into_iter().flatten().filter(added).for_each(|seat| retire(seat.lane));
                return Err(self.blamed(why));
            }
        }
        let seats: Vec<Seat> = seats.into_iter().flatten().collect();
        let staying: HashSet<_> = seats.iter().map(|seat| seat.id).collect();
        let before = self.chain.line();
        self.chain.replace(seats);
        for gone in before.seats.iter().filter(|seat| !staying.contains(&seat.id)) {
            applied.removed.push(gone.name().to_owned());
            self.previous.remove(&gone.id);
            self.promotions.remove(&gone.id);
            let version = &gone.lane.version;
            version.metrics.serving(version.generation, seconds(SystemTime::now()), State::Stopped);
            retired.push(gone.lane.clone());
            retired.extend(gone.canary.as_ref().map(|canary| canary.lane.clone()));
        }
        retired.into_iter().for_each(retire);
        Ok(applied)
    }

    /// One plugin is why nothing is changed: note it, if it serves.
    fn blamed(&self, why: LoadError) -> ReloadError {
        match self.seat(why.plugin()) {
            Ok(seat) => failed(&seat.lane.version, why),
            Err(_) => why.into(),
        }
    }

    /// Load and start whatever is new.
    async fn prepare(&self, configs: Vec<PluginConfig>) -> Result<Vec<Entry>, LoadError> {
        let line = self.chain.line();
        let mut wanted = Vec::with_capacity(configs.len());
        for config in configs {
            let progress = line.named(&config.name()).map(|seat| seat.lane.version.progress.clone());
            wanted.push((config, progress.unwrap_or_else(|| Arc::new(Progress::new()))));
        }
        let mut entries = Vec::with_capacity(wanted.len());
        for version in loading::load(&self.engine, self.chain.hub(), wanted).await? {
            let seat = line.named(&version.name).cloned();
            entries.push(match seat {
                Some(seat) if is_as_before(&seat.lane.version, &version) => Entry::Keep(seat),
                Some(seat) => Entry::Replace(seat, Started::new(version).await?),
                None => Entry::Add(Started::new(version).await?),
            });
        }
        Ok(entries)
    }
}

/// Whether there is nothing to replace. A file that was taken back is not tried again because the rest of the
/// configuration is read again.
fn is_as_before(serving: &Version, loaded: &Version) -> bool {
    let is_bad = serving.progress.life().bad == Some(loaded.hash);
    serving.config == loaded.config && (serving.hash == loaded.hash || is_bad)
}
