//! What is sent to a plugin: calls, which somebody waits to be answered, and notifications, which are never lost.

use std::sync::Arc;

use tokio::sync::oneshot;
use tokio::time::Instant;

use super::caller::Caller;
use super::unavailable::Unavailable;
use crate::event::{ConnectionId, Event, RoomName};
use crate::hub::CloseReason;
use crate::plugin::contract::Hook;
use crate::plugin::contract::messages::{Body, JoinCause, Origin, Refusal, Request, Response};
use crate::plugin::runtime::failure::Failure;
use crate::plugin::runtime::imports::hub::Departed;
use crate::plugin::runtime::instance::{Instance, Verdict};

/// Where an envelope waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Queue {
    Door,
    Mailbox,
}

/// One entry of a queue.
pub(super) enum Envelope {
    Call {
        call: Call,
        since: Instant,
    },
    Notices(Vec<Notification>),
    /// Nothing is to come; what waits is still to be done.
    End,
}

/// Where an answer goes.
pub(in crate::plugin) type Reply<T> = oneshot::Sender<Result<T, Unavailable>>;

/// Something that a plugin is asked.
pub(in crate::plugin) enum Call {
    Connect { id: ConnectionId, request: Arc<Request>, reply: Reply<Result<(), Refusal>> },
    Join { id: ConnectionId, room: RoomName, cause: JoinCause, reply: Reply<Result<(), String>> },
    Publish { room: RoomName, event: Arc<Event>, origin: Origin, reply: Reply<Verdict> },
    Message { id: Option<ConnectionId>, request: Arc<Request>, body: Arc<Body>, reply: Reply<Result<Response, String>> },
}

impl Call {
    pub(super) fn hook(&self) -> Hook {
        match self {
            Self::Connect { .. } => Hook::OnConnect,
            Self::Join { .. } => Hook::OnJoin,
            Self::Publish { .. } => Hook::OnPublish,
            Self::Message { .. } => Hook::OnMessage,
        }
    }

    /// Where it waits. A join that an operator asks for waits where it cannot overtake the notification of a leave.
    pub(super) fn queue(&self) -> Queue {
        match self {
            Self::Connect { .. } | Self::Join { cause: JoinCause::Handshake, .. } => Queue::Door,
            Self::Join { cause: JoinCause::Api, .. } | Self::Publish { .. } | Self::Message { .. } => Queue::Mailbox,
        }
    }

    /// The connection that it is about.
    pub(super) fn connection(&self) -> Option<ConnectionId> {
        match self {
            Self::Connect { id, .. } | Self::Join { id, .. } => Some(*id),
            Self::Message { id, .. } => *id,
            Self::Publish { .. } => None,
        }
    }

    /// Who is behind it.
    pub(super) fn caller(&self) -> Option<Caller> {
        match self {
            // A stream that is not let in is none that could tell clients apart.
            Self::Connect { request, .. } => Some(Caller::of_request(request.peer.ip(), None)),
            Self::Message { id, request, .. } => Some(Caller::of_request(request.peer.ip(), *id)),
            Self::Join { id, .. } => Some(Caller::Connection(*id)),
            Self::Publish { .. } => None,
        }
    }

    /// Ask it, and pass the answer on.
    pub(super) async fn ask(self, instance: &mut Instance) -> Result<CallOutcome, Failure> {
        match self {
            Self::Connect { id, request, reply } => {
                let outcome_of =
                    |answer: &Result<(), Refusal>| answer.as_ref().err().map_or(CallOutcome::Well, |no| of(no.status));
                pass_on(instance.on_connect(id, &request).await, reply, outcome_of)
            }
            Self::Join { id, room, reply, .. } => {
                pass_on(instance.on_join(id, &room).await, reply, |_| CallOutcome::Well)
            }
            Self::Publish { room, event, origin, reply } => {
                pass_on(instance.on_publish(&room, &event, origin).await, reply, |_| CallOutcome::Well)
            }
            Self::Message { id, request, body, reply } => {
                let outcome_of = |answer: &Result<Response, String>| {
                    answer.as_ref().map_or(CallOutcome::Well, |response| of(response.status))
                };
                pass_on(instance.on_message(id, &request, &body).await, reply, outcome_of)
            }
        }
    }

    /// Do not ask it.
    pub(super) fn reject(self, why: Unavailable) {
        match self {
            Self::Connect { reply, .. } => answer(reply, Err(why)),
            Self::Join { reply, .. } => answer(reply, Err(why)),
            Self::Publish { reply, .. } => answer(reply, Err(why)),
            Self::Message { reply, .. } => answer(reply, Err(why)),
        }
    }
}

/// How a call went that came back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum CallOutcome {
    Well,
    /// The plugin goes on, but says itself that it is at fault: an SDK that catches exceptions answers like that.
    Fault,
}

/// What a status says about the plugin that answers with it. Only 500 is a fault; 503 may well be meant.
fn of(status: u16) -> CallOutcome {
    if status == 500 { CallOutcome::Fault } else { CallOutcome::Well }
}

fn pass_on<T>(
    outcome: Result<T, Failure>,
    reply: Reply<T>,
    outcome_of: impl FnOnce(&T) -> CallOutcome,
) -> Result<CallOutcome, Failure> {
    match outcome {
        Ok(value) => {
            let outcome_of = outcome_of(&value);
            answer(reply, Ok(value));
            Ok(outcome_of)
        }
        Err(failure) => {
            answer(reply, Err(Unavailable::Failed));
            Err(failure)
        }
    }
}

fn answer<T>(reply: Reply<T>, answer: Result<T, Unavailable>) {
    // Whoever asked may have gone; what was done is done.
    let _ = reply.send(answer);
}

/// Something that a plugin is told.
pub(in crate::plugin) enum Notification {
    /// A connection has left a room; `departed` when that is because it has gone.
    Left { id: ConnectionId, room: RoomName, departed: Option<Departed> },
    /// A connection has gone.
    Gone { departed: Departed, reason: CloseReason },
}

impl Notification {
    pub(super) fn hook(&self) -> Hook {
        match self {
            Self::Left { .. } => Hook::OnLeave,
            Self::Gone { .. } => Hook::OnDisconnect,
        }
    }

    /// The connection that it is about.
    pub(super) fn connection(&self) -> ConnectionId {
        match self {
            Self::Left { id, .. } => *id,
            Self::Gone { departed, .. } => departed.id,
        }
    }

    /// Tell it.
    pub(super) async fn tell(&self, instance: &mut Instance) -> Result<(), Failure> {
        match self {
            Self::Left { id, room, departed } => instance.on_leave(*id, room, departed.as_ref()).await,
            Self::Gone { departed, reason } => instance.on_disconnect(departed, *reason).await,
        }
    }
}
