//! What is sent to a plugin: calls, whose answers are waited for, and notifications, which are never lost.

use std::sync::Arc;

use bytes::Bytes;
use tokio::sync::oneshot;
use tokio::time::Instant;

use super::caller::Caller;
use super::explain::{MayRefuse, explain};
use super::subject::{MessageHash, Subject};
use super::unavailable::Unavailable;
use crate::event::{ConnectionId, Event, RoomName};
use crate::hub::CloseReason;
use crate::plugin::contract::Hook;
use crate::plugin::contract::messages::{self, JoinCause, PublishOrigin, Refusal, Request};
use crate::plugin::runtime::call_error::CallError;
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
    Notifications(Vec<Notification>),
    /// No more is to come; what waits is still to be done.
    End,
}

/// Where an answer goes.
pub(in crate::plugin) type CallReply<T> = oneshot::Sender<Result<T, Unavailable>>;

/// A hook that is called for its answer.
pub(in crate::plugin) enum Call {
    Connect {
        id: ConnectionId,
        request: Arc<Request>,
        reply: CallReply<Result<(), Refusal>>,
    },
    Join {
        id: ConnectionId,
        room: RoomName,
        cause: JoinCause,
        reply: CallReply<Result<(), Refusal>>,
    },
    Publish {
        room: RoomName,
        event: Arc<Event>,
        origin: PublishOrigin,
        reply: CallReply<Verdict>,
    },
    Message {
        id: Option<ConnectionId>,
        request: Arc<Request>,
        body: Bytes,
        reply: CallReply<Result<messages::Reply, Refusal>>,
    },
}

/// A call that was made: how it ended, and what it was about.
pub(super) struct Made {
    pub(super) subject: Subject,
    pub(super) outcome: Result<CallOutcome, CallError>,
}

impl Call {
    /// Where it waits. A join that an operator asks for waits where it cannot overtake the notification of a leave.
    pub(super) fn queue(&self) -> Queue {
        match self {
            Self::Connect { .. } | Self::Join { cause: JoinCause::Handshake, .. } => Queue::Door,
            Self::Join { cause: JoinCause::Api, .. } | Self::Publish { .. } | Self::Message { .. } => Queue::Mailbox,
        }
    }

    fn subject(&self) -> Subject {
        match self {
            // Before admission the id is new each time, so only the address tells clients apart.
            Self::Connect { id, request, .. } => Subject {
                connection: Some(*id),
                caller: Some(Caller::of_request(request.peer.ip(), None)),
                ..Subject::plugin(Hook::OnConnect)
            },
            Self::Join { id, .. } => Subject::connection(Hook::OnJoin, *id),
            Self::Publish { .. } => Subject::plugin(Hook::OnPublish),
            Self::Message { id, request, .. } => Subject {
                connection: *id,
                caller: Some(Caller::of_request(request.peer.ip(), *id)),
                ..Subject::plugin(Hook::OnMessage)
            },
        }
    }

    /// Make the call, and reply with its answer.
    pub(super) async fn make(self, instance: &mut Instance) -> Made {
        let mut subject = self.subject();
        let outcome = match self {
            Self::Connect { id, request, reply } => {
                let answer = instance.on_connect(id, &request).await;
                pass_on(instance, answer, reply, CallOutcome::of_answer)
            }
            Self::Join { id, room, reply, .. } => {
                let answer = instance.on_join(id, &room).await;
                pass_on(instance, answer, reply, CallOutcome::of_answer)
            }
            Self::Publish { room, event, origin, reply } => {
                let answer = instance.on_publish(&room, &event, origin).await;
                pass_on(instance, answer, reply, |verdict| match verdict {
                    Verdict::Refuse(refusal) => CallOutcome::of_status(refusal.status),
                    Verdict::Forward | Verdict::Rewrite(_) => CallOutcome::Ok,
                })
            }
            Self::Message { id, request, body, reply } => {
                let answer = instance.on_message(id, &request, &body).await;
                let outcome = pass_on(instance, answer, reply, |answer| match answer {
                    Ok(messages::Reply::Answer(response)) => CallOutcome::of_status(response.status),
                    Ok(messages::Reply::Pass) => CallOutcome::Ok,
                    Err(refusal) => CallOutcome::of_status(refusal.status),
                });
                if !matches!(outcome, Ok(CallOutcome::Ok)) {
                    subject.message = Some(MessageHash::of(&body));
                }
                outcome
            }
        };
        Made { subject, outcome }
    }

    /// Reply without a call.
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
    Ok,
    /// The plugin goes on, but says itself that it is at fault: an SDK that catches exceptions answers like that.
    Fault,
}

impl CallOutcome {
    fn of_answer(answer: &Result<(), Refusal>) -> Self {
        answer.as_ref().err().map_or(Self::Ok, |refusal| Self::of_status(refusal.status))
    }

    /// What a status says about the plugin that answers with it. Only 500 is a fault; 503 may well be meant.
    fn of_status(status: u16) -> Self {
        if status == 500 { Self::Fault } else { Self::Ok }
    }
}

fn pass_on<T: MayRefuse>(
    instance: &Instance,
    outcome: Result<T, CallError>,
    reply: CallReply<T>,
    outcome_of: impl FnOnce(&T) -> CallOutcome,
) -> Result<CallOutcome, CallError> {
    match outcome {
        Ok(mut value) => {
            let outcome = outcome_of(&value);
            if outcome == CallOutcome::Fault {
                explain(&mut value, || instance.last_words());
            }
            answer(reply, Ok(value));
            Ok(outcome)
        }
        Err(failure) => {
            answer(reply, Err(Unavailable::Failed(instance.told(&failure))));
            Err(failure)
        }
    }
}

fn answer<T>(reply: CallReply<T>, answer: Result<T, Unavailable>) {
    // The receiver is dropped when the client has gone; what was done is done.
    let _ = reply.send(answer);
}

/// A hook that is called to tell the plugin what has happened.
pub(in crate::plugin) enum Notification {
    /// A connection has left a room; `departed` when that is because it has gone.
    Left { id: ConnectionId, room: RoomName, departed: Option<Departed> },
    /// A connection has gone.
    Gone { departed: Departed, reason: CloseReason },
}

impl Notification {
    pub(super) fn subject(&self) -> Subject {
        match self {
            Self::Left { id, .. } => Subject::connection(Hook::OnLeave, *id),
            Self::Gone { departed, .. } => Subject::connection(Hook::OnDisconnect, departed.id),
        }
    }

    /// Make the call.
    pub(super) async fn make(&self, instance: &mut Instance) -> Result<(), CallError> {
        match self {
            Self::Left { id, room, departed } => instance.on_leave(*id, room, departed.as_ref()).await,
            Self::Gone { departed, reason } => instance.on_disconnect(departed, *reason).await,
        }
    }
}
