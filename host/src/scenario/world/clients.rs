//! Clients with their streams.

use std::collections::VecDeque;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use hyper::body::Body as _;

use crate::event::{ConnectionId, EventReader, Received};
use crate::http::Body;
use crate::scenario::answer::Answer;
use crate::scenario::script::Ignored;

/// What every stream begins with.
const GREETING: &str = "connected";

/// One that a scenario has a name for.
pub(in crate::scenario) struct Client {
    pub(in crate::scenario) link: Link,
    /// What has come, and was not looked at yet.
    pub(in crate::scenario) inbox: VecDeque<Received>,
    pub(in crate::scenario) ignores: Vec<Ignored>,
}

/// The way to the server.
pub(in crate::scenario) enum Link {
    /// It was not let in.
    Rejected(Answer),
    Open(Stream),
    Ended {
        id: ConnectionId,
        end: End,
    },
}

/// How a stream has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::scenario) enum End {
    /// By the client.
    Left,
    /// By the server.
    Closed,
}

/// An open stream.
pub(in crate::scenario) struct Stream {
    id: ConnectionId,
    body: Body,
    reader: EventReader,
    greeted: bool,
    /// The server has ended it.
    ended: bool,
}

impl Client {
    pub(super) fn rejected(answer: Answer) -> Self {
        Self { link: Link::Rejected(answer), inbox: VecDeque::new(), ignores: Vec::new() }
    }

    pub(super) fn open(id: ConnectionId, body: Body) -> Self {
        let stream = Stream { id, body, reader: EventReader::default(), greeted: false, ended: false };
        Self { link: Link::Open(stream), inbox: VecDeque::new(), ignores: Vec::new() }
    }

    /// The id of its stream, also when that has ended.
    pub(in crate::scenario) fn id(&self) -> Option<ConnectionId> {
        match &self.link {
            Link::Rejected(_) => None,
            Link::Open(stream) => Some(stream.id),
            Link::Ended { id, .. } => Some(*id),
        }
    }

    pub(in crate::scenario) fn is_open(&self) -> bool {
        matches!(self.link, Link::Open(_))
    }

    /// Go away.
    pub(in crate::scenario) fn leave(&mut self) {
        if let Link::Open(stream) = &self.link {
            // The stream is dropped, which is what tells the server.
            self.link = Link::Ended { id: stream.id, end: End::Left };
        }
    }

    /// Take what has come; from which place in the inbox on it stands.
    pub(super) fn read(&mut self) -> usize {
        let known = self.inbox.len();
        let Link::Open(stream) = &mut self.link else { return known };
        let mut context = Context::from_waker(Waker::noop());
        while !stream.ended {
            match Pin::new(&mut stream.body).poll_frame(&mut context) {
                Poll::Pending => return known,
                Poll::Ready(Some(Ok(frame))) => {
                    let bytes = frame.into_data().unwrap_or_default();
                    for received in stream.reader.push(&bytes) {
                        match received {
                            Received::Comment(text) if !stream.greeted && text == GREETING => stream.greeted = true,
                            received => self.inbox.push_back(received),
                        }
                    }
                }
                Poll::Ready(Some(Err(_)) | None) => stream.ended = true,
            }
        }
        known
    }

    /// Whether the server has ended the stream, and it has not been left yet.
    pub(super) fn has_news(&self) -> bool {
        matches!(&self.link, Link::Open(stream) if stream.ended)
    }

    pub(super) fn leave_if_ended(&mut self) {
        if let Link::Open(stream) = &self.link
            && stream.ended
        {
            self.link = Link::Ended { id: stream.id, end: End::Closed };
        }
    }

    /// The next thing that has come and is not to be passed over.
    pub(in crate::scenario) fn next(&mut self, everywhere: &[Ignored]) -> Option<Received> {
        loop {
            let received = self.inbox.pop_front()?;
            let ignored = self.ignores.iter().chain(everywhere).any(|ignored| ignored.covers(&received));
            if !ignored {
                return Some(received);
            }
        }
    }
}

impl Ignored {
    fn covers(&self, received: &Received) -> bool {
        match (self, received) {
            (Self::Everything, _) => true,
            (Self::Kinds(kinds), Received::Event(event)) => kinds.iter().any(|kind| kind == event.kind()),
            (Self::Kinds(kinds), Received::Comment(_)) => kinds.iter().any(|kind| kind == "comment"),
        }
    }
}
