//! One instance of a plugin: a store, and the calls of its hooks.
//!
//! After a [`CallError`] the store cannot be called again: the actor drops the instance, and starts another one.

mod call;
mod pending_work;

use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use wasmtime::{Store, UpdateDeadline};

use super::call_error::CallError;
use super::hooks::Guests;
use super::imports::fetch::{FetchDelivery, FetchEvent};
use super::imports::hub::Departed;
use super::imports::request;
use super::load_error::Problem;
use super::store::HostState;
use super::version::Version;
use crate::event::{ConnectionId, Event, RoomName};
use crate::hub::CloseReason;
use crate::plugin::contract::Hook;
use crate::plugin::contract::bindings::{fetch_events, message, publish};
use crate::plugin::contract::messages::{PublishOrigin, Refusal, Reply, Request};
use call::HookCall;
pub(in crate::plugin) use pending_work::{PendingWork, Wakeup};

/// An instance that can be called.
pub(in crate::plugin) struct Instance {
    version: Arc<Version>,
    store: Store<HostState>,
    guests: Guests,
}

/// What `save` returns, in a format of the plugin's own.
pub(in crate::plugin) type SavedState = Bytes;

/// A plugin's answer to `on-publish`.
pub(in crate::plugin) enum Verdict {
    Forward,
    Rewrite(Event),
    Refuse(Refusal),
}

impl Instance {
    /// Instantiate the version, and call `init`.
    pub(in crate::plugin) async fn start(version: &Arc<Version>) -> Result<Self, Problem> {
        let state = HostState::new(&version.plugin, &version.grants, version.engine.simulation())?;
        let mut store = Store::new(version.engine.wasmtime(), state);
        store.limiter(|state| &mut state.memory);
        // At each tick the guest yields to other tasks, until the deadline.
        store.epoch_deadline_callback(|context| {
            Ok(if Instant::now() < context.data().deadline {
                UpdateDeadline::YieldCustom(1, Box::pin(tokio::task::yield_now()))
            } else {
                UpdateDeadline::Interrupt
            })
        });
        let call = HookCall::begin(version, &mut store, Hook::Init, None);
        let outcome = call.run(async {
            let instance = version.pre.instantiate_async(&mut store).await?;
            let guests = version.plugin.hooks.of(&mut store, &instance)?;
            let answer = match &guests.lifecycle {
                Some(guest) => guest.call_init(&mut store).await?,
                None => Ok(()),
            };
            Ok((guests, answer))
        });
        let outcome = outcome.await;
        let (guests, answer) = call.end(&mut store, outcome).map_err(Problem::Start)?;
        answer.map_err(|text| Problem::Refused { text: version.plugin.log.quoted(&text) })?;
        Ok(Self { version: version.clone(), store, guests })
    }

    /// Its version.
    pub(in crate::plugin) fn version(&self) -> &Arc<Version> {
        &self.version
    }

    /// The size of its memories, in bytes.
    pub(in crate::plugin) fn memory(&self) -> usize {
        self.store.data().memory.used()
    }

    /// Call `save`; `None` when it does not export `state`. The inner error is the guest's own.
    pub(in crate::plugin) async fn save(&mut self) -> Result<Result<Option<SavedState>, String>, CallError> {
        let Some(guest) = &self.guests.state else { return Ok(Ok(None)) };
        let call = HookCall::begin(&self.version, &mut self.store, Hook::Save, None);
        let outcome = call.run(guest.call_save(&mut self.store)).await;
        let answer = call.end(&mut self.store, outcome)?;
        Ok(answer.map(|state| Some(state.into())).map_err(|text| self.version.plugin.log.quoted(&text)))
    }

    /// Call `restore` with another instance's state. Does nothing when it does not export `state`.
    pub(in crate::plugin) async fn restore(&mut self, state: &SavedState) -> Result<Result<(), String>, CallError> {
        let Some(guest) = &self.guests.state else { return Ok(Ok(())) };
        let call = HookCall::begin(&self.version, &mut self.store, Hook::Restore, None);
        let outcome = call.run(guest.call_restore(&mut self.store, state)).await;
        let answer = call.end(&mut self.store, outcome)?;
        Ok(answer.map_err(|text| self.version.plugin.log.quoted(&text)))
    }

    /// What it wrote last in the call that has ended, if the answer is to say why it has failed.
    pub(in crate::plugin) fn last_words(&self) -> Option<String> {
        if self.version.engine.tells_failures() { self.store.data().stderr_tail() } else { None }
    }

    /// Why the call has failed, if the answer is to say it.
    pub(in crate::plugin) fn told(&self, failure: &CallError) -> Option<Box<str>> {
        self.version.engine.tells_failures().then(|| failure.to_string().into())
    }

    /// The CPU time of its calls since the last `take_cpu`.
    pub(in crate::plugin) fn take_cpu(&mut self) -> Duration {
        std::mem::take(&mut self.store.data_mut().cpu)
    }

    pub(in crate::plugin) async fn on_connect(
        &mut self,
        id: ConnectionId,
        request: &Arc<Request>,
    ) -> Result<Result<(), Refusal>, CallError> {
        let Some(guest) = &self.guests.connect else { return Ok(Ok(())) };
        let call = HookCall::begin(&self.version, &mut self.store, Hook::OnConnect, Some(id));
        self.store.data_mut().request = Some(request.clone());
        let outcome = call.run(guest.call_on_connect(&mut self.store, id.into(), request::lent())).await;
        let answer = call.end(&mut self.store, outcome)?;
        Ok(answer.map_err(Refusal::from))
    }

    pub(in crate::plugin) async fn on_disconnect(
        &mut self,
        departed: &Departed,
        reason: CloseReason,
    ) -> Result<(), CallError> {
        let Some(guest) = &self.guests.disconnect else { return Ok(()) };
        let call = HookCall::begin(&self.version, &mut self.store, Hook::OnDisconnect, Some(departed.id));
        self.store.data_mut().departed = Some(departed.clone());
        let id = departed.id.into();
        let outcome = call.run(guest.call_on_disconnect(&mut self.store, id, reason.into())).await;
        call.end(&mut self.store, outcome)
    }

    pub(in crate::plugin) async fn on_join(
        &mut self,
        id: ConnectionId,
        room: &RoomName,
    ) -> Result<Result<(), Refusal>, CallError> {
        let Some(guest) = &self.guests.room else { return Ok(Ok(())) };
        let call = HookCall::begin(&self.version, &mut self.store, Hook::OnJoin, Some(id));
        let outcome = call.run(guest.call_on_join(&mut self.store, id.into(), room.as_str())).await;
        let answer = call.end(&mut self.store, outcome)?;
        Ok(answer.map_err(Refusal::from))
    }

    /// `departed` is set when the connection has left the room because it has ended.
    pub(in crate::plugin) async fn on_leave(
        &mut self,
        id: ConnectionId,
        room: &RoomName,
        departed: Option<&Departed>,
    ) -> Result<(), CallError> {
        let Some(guest) = &self.guests.room else { return Ok(()) };
        let call = HookCall::begin(&self.version, &mut self.store, Hook::OnLeave, Some(id));
        self.store.data_mut().departed = departed.cloned();
        let outcome = call.run(guest.call_on_leave(&mut self.store, id.into(), room.as_str())).await;
        call.end(&mut self.store, outcome)
    }

    pub(in crate::plugin) async fn on_publish(
        &mut self,
        room: &RoomName,
        event: &Event,
        origin: PublishOrigin,
    ) -> Result<Verdict, CallError> {
        let Some(guest) = &self.guests.publish else { return Ok(Verdict::Forward) };
        let call = HookCall::begin(&self.version, &mut self.store, Hook::OnPublish, None);
        let (event, origin) = (event.into(), origin.into());
        let outcome = call.run(guest.call_on_publish(&mut self.store, room.as_str(), &event, &origin)).await;
        Ok(match call.end(&mut self.store, outcome)? {
            publish::Verdict::Forward => Verdict::Forward,
            publish::Verdict::Rewrite(event) => Verdict::Rewrite(event.into()),
            publish::Verdict::Refuse(rejection) => Verdict::Refuse(rejection.into()),
        })
    }

    pub(in crate::plugin) async fn on_message(
        &mut self,
        id: Option<ConnectionId>,
        request: &Arc<Request>,
        body: &Bytes,
    ) -> Result<Result<Reply, Refusal>, CallError> {
        let Some(guest) = &self.guests.message else { return Ok(Ok(Reply::Pass)) };
        let call = HookCall::begin(&self.version, &mut self.store, Hook::OnMessage, id);
        self.store.data_mut().request = Some(request.clone());
        let (id, body) = (id.map(Into::into), body);
        let outcome = call.run(guest.call_on_message(&mut self.store, id, request::lent(), body)).await;
        Ok(match call.end(&mut self.store, outcome)? {
            Ok(message::Reply::Pass) => Ok(Reply::Pass),
            Ok(message::Reply::Answer(response)) => Ok(Reply::Answer(response.into())),
            Err(rejection) => Err(rejection.into()),
        })
    }

    pub(in crate::plugin) async fn on_timer(&mut self, token: &str) -> Result<(), CallError> {
        let Some(guest) = &self.guests.timer else { return Ok(()) };
        let call = HookCall::begin(&self.version, &mut self.store, Hook::OnTimer, None);
        let outcome = call.run(guest.call_on_timer(&mut self.store, token)).await;
        call.end(&mut self.store, outcome)
    }

    pub(in crate::plugin) async fn on_fetch(&mut self, delivery: &FetchDelivery) -> Result<(), CallError> {
        let Some(guest) = &self.guests.fetch_events else { return Ok(()) };
        let call = HookCall::begin(&self.version, &mut self.store, delivery.hook(), delivery.connection);
        let (store, token) = (&mut self.store, &*delivery.token);
        let outcome = match &delivery.event {
            FetchEvent::Response { status, headers } => {
                call.run(guest.call_on_response(store, token, *status, headers)).await
            }
            FetchEvent::Chunk(chunk) => call.run(guest.call_on_chunk(store, token, chunk)).await,
            FetchEvent::End(outcome) => {
                let failure = outcome.as_ref().err().map(fetch_events::Failure::from);
                call.run(guest.call_on_end(store, token, failure.as_ref().map_or(Ok(()), Err))).await
            }
        };
        call.end(&mut self.store, outcome)
    }
}
