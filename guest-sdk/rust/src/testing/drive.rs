//! Driving a plugin: the actions of clients, publishers, operators and the clock.

use std::marker::PhantomData;
use std::time::Duration;

use super::world::{self, Ending, World};
use super::{FakeHub, Hooks, calls, rules};
use crate::fetch::Failure;
use crate::host;
use crate::{Body, Connection, DisconnectReason, Error, Event, Origin, Rejection, Reply, Request, Verdict};

impl<P: Hooks> FakeHub<P> {
    /// Start a hub and the plugin on it, without configuration.
    ///
    /// # Errors
    /// The text of [`Plugin::new`](crate::Plugin::new).
    ///
    /// # Panics
    /// If this thread already has a fake hub.
    pub fn start() -> Result<Self, String> {
        Self::configured([])
    }

    /// Like [`FakeHub::start`], with the keys and values of `[plugins.config]`.
    ///
    /// # Errors
    /// The text of [`Plugin::new`](crate::Plugin::new).
    ///
    /// # Panics
    /// If this thread already has a fake hub.
    pub fn configured<const N: usize>(config: [(&str, &str); N]) -> Result<Self, String> {
        let config = config.into_iter().map(|(key, value)| (key.into(), value.into())).collect();
        calls::begin(World::new::<P>(config));
        match P::new() {
            Ok(plugin) => Ok(Self { plugin, on_this_thread: PhantomData }),
            Err(why) => {
                calls::end();
                Err(why)
            }
        }
    }

    /// A client requests a stream: `"/sse?name=Ada"`, or a [`Request`] with headers.
    ///
    /// # Errors
    /// The plugin's rejection.
    ///
    /// # Panics
    /// If the rejection is invalid (a status other than 204 and 400 to 599, or a header that the host controls).
    pub fn connect(&mut self, request: impl Into<Request>) -> Result<Connection, Rejection> {
        let connection = world::with(World::open);
        let answer = match P::CONNECT {
            Some(on_connect) => on_connect(&mut self.plugin, connection, &request.into()),
            None => Ok(()),
        };
        if let Err(rejection) = &answer {
            let sound = rejection.status == 204 || (400..600).contains(&rejection.status);
            rules::answer("on_connect", sound, rejection.status, &rejection.headers);
            world::with(|world| world.turn_away(connection));
            for fetch in world::with(|world| world.fetches.take_those_for(connection)) {
                self.tell_end(&fetch, Err(Failure::ConnectionClosed));
            }
        }
        self.settle();
        answer.map(|()| connection)
    }

    /// A stream ends: `on_leave` for each of its rooms, then `on_disconnect`. No effect if it has already ended.
    pub fn disconnect(&mut self, connection: Connection, reason: DisconnectReason) {
        if world::with(|world| world.begin_end(connection, reason)).is_ok() {
            self.settle();
        }
    }

    /// A client sends a message, naming its stream or not.
    ///
    /// # Errors
    /// The plugin's rejection.
    ///
    /// # Panics
    /// If the plugin does not export `OnMessage`, or its answer is invalid (a status other than 100 and 200 to 599, or a
    /// header that the host controls).
    pub fn message(
        &mut self,
        connection: impl Into<Option<Connection>>,
        body: impl Into<Body>,
    ) -> Result<Reply, Rejection> {
        self.message_with(connection, Request::post("/send"), body)
    }

    /// Like [`FakeHub::message`], with the head of the request.
    ///
    /// # Errors
    /// Those of [`FakeHub::message`].
    ///
    /// # Panics
    /// Those of [`FakeHub::message`].
    pub fn message_with(
        &mut self,
        connection: impl Into<Option<Connection>>,
        request: impl Into<Request>,
        body: impl Into<Body>,
    ) -> Result<Reply, Rejection> {
        let on_message = P::MESSAGE.expect("the plugin exports OnMessage");
        let answer = on_message(&mut self.plugin, connection.into(), &request.into(), body.into());
        match &answer {
            Ok(Reply::Pass) => {}
            Ok(Reply::Answer(response)) => {
                let sound = (200..600).contains(&response.status);
                rules::answer("on_message", sound, response.status, &response.headers);
            }
            Err(rejection) => {
                let sound = (400..600).contains(&rejection.status);
                rules::answer("on_message", sound, rejection.status, &rejection.headers);
            }
        }
        self.settle();
        answer
    }

    /// A connection joins a room from outside, as through the API: `on_join`, then the join.
    ///
    /// # Errors
    /// The plugin's refusal, or the hub's.
    pub fn join(&mut self, connection: Connection, room: &str) -> Result<(), Rejection> {
        rules::room(room).map_err(|error| refused(&error))?;
        if let Some(on_join) = P::JOIN {
            on_join(&mut self.plugin, connection, room)?;
        }
        let joined = world::with(|world| world.join(connection, room));
        self.settle();
        joined.map_err(|error| refused(&error))
    }

    /// A connection is removed from a room from outside, as through the API: `on_leave` follows, if it was a member.
    pub fn leave(&mut self, connection: Connection, room: &str) {
        let was_in = world::with(|world| world.leave(connection, room)) == Ok(true);
        if let (true, Some(on_leave)) = (was_in, P::LEAVE) {
            on_leave(&mut self.plugin, connection, room);
        }
        self.settle();
    }

    /// An event is published through the API: `on_publish`, then the broadcast. Returns the number of receivers.
    ///
    /// # Errors
    /// The plugin's refusal, or what is wrong with the event.
    pub fn publish(&mut self, room: &str, event: Event) -> Result<u32, Rejection> {
        rules::room(room).map_err(|error| refused(&error))?;
        rules::event(&event).map_err(|error| refused(&error))?;
        let event = match P::PUBLISH {
            None => event,
            Some(on_publish) => {
                let origin = Origin::Api("127.0.0.1:51235".into());
                match on_publish(&mut self.plugin, room, event.clone(), origin) {
                    Verdict::Forward => event,
                    Verdict::Rewrite(event) => event,
                    Verdict::Refuse(rejection) => return Err(rejection),
                }
            }
        };
        let receivers = host::broadcast(room, &event, None);
        self.settle();
        receivers.map_err(|error| refused(&error))
    }

    /// Advance the clock; due timers fire in order.
    pub fn advance(&mut self, time: Duration) {
        let end = world::with(|world| world.clock.now()) + time;
        while let Some(token) = world::with(|world| world.clock.next_until(end)) {
            let on_timer = P::TIMER.expect("timers cannot be set without the hook");
            on_timer(&mut self.plugin, &token);
            self.settle();
        }
    }

    /// Reload: a new instance takes over, with the timers and fetches of the previous one, and with its state if the plugin
    /// exports `State`.
    ///
    /// # Errors
    /// The text of `save`, `new` or `restore`; the previous instance then keeps serving.
    pub fn reload(&mut self) -> Result<(), String> {
        let saved = P::SAVE.map(|save| save(&mut self.plugin)).transpose()?;
        let old = world::with(|world| world.clock.take());
        let fresh = P::new().and_then(|mut fresh| {
            if let (Some(restore), Some(saved)) = (P::RESTORE, saved) {
                restore(&mut fresh, saved)?;
            }
            Ok(fresh)
        });
        match fresh {
            Ok(fresh) => {
                world::with(|world| world.clock.adopt(old));
                self.plugin = fresh;
            }
            Err(why) => {
                world::with(|world| world.clock.put_back(old));
                return Err(why);
            }
        }
        self.settle();
        Ok(())
    }

    /// A trap: a new instance starts without state; connections stay open.
    ///
    /// # Errors
    /// The text of [`Plugin::new`](crate::Plugin::new).
    pub fn crash(&mut self) -> Result<(), String> {
        let interrupted = world::with(|world| {
            drop(world.clock.take());
            world.fetches.take()
        });
        self.plugin = P::new()?;
        for fetch in interrupted {
            self.tell_end(&fetch, Err(Failure::Interrupted));
        }
        self.settle();
        Ok(())
    }

    /// Call the hooks for connections that have ended since, including those that the plugin closed.
    pub(super) fn settle(&mut self) {
        while let Some(Ending { connection, reason, rooms }) = world::with(World::next_ending) {
            for room in &rooms {
                if let Some(on_leave) = P::LEAVE {
                    on_leave(&mut self.plugin, connection, room);
                }
            }
            if let Some(on_disconnect) = P::DISCONNECT {
                on_disconnect(&mut self.plugin, connection, reason);
            }
            for fetch in world::with(|world| world.fetches.take_those_for(connection)) {
                self.tell_end(&fetch, Err(Failure::ConnectionClosed));
            }
            world::with(|world| world.forget(connection));
        }
    }
}

/// What the host itself refuses: the caller's doing.
fn refused(error: &Error) -> Rejection {
    Rejection::bad_request(error.to_string())
}
