//! The host's functions on the fake hub: validate, act, answer.

use std::time::Duration;

use super::{Record, rules, world};
use crate::bindings::roomcast::plugin::timers::Repetition;
use crate::hub::{Duplicates, Members, Page};
use crate::log::Level;
use crate::timers::Timer;
use crate::{Connection, DisconnectReason, Error, Event};

pub(crate) fn send_event(connection: Connection, event: &Event) -> Result<(), Error> {
    rules::event(event)?;
    world::with(|world| {
        world.open_client(connection)?;
        world.inbox(connection).events.push(event.clone());
        Ok(())
    })
}

pub(crate) fn send_comment(connection: Connection, text: &str) -> Result<(), Error> {
    rules::one_line("text", text)?;
    world::with(|world| {
        world.open_client(connection)?;
        world.inbox(connection).comments.push(text.into());
        Ok(())
    })
}

pub(crate) fn close(connection: Connection) -> Result<(), Error> {
    world::with(|world| world.begin_end(connection, DisconnectReason::PluginClosed))
}

pub(crate) fn is_open(connection: Connection) -> bool {
    world::with(|world| world.open_client(connection).is_ok())
}

pub(crate) fn join(connection: Connection, room: &str) -> Result<(), Error> {
    rules::room(room)?;
    world::with(|world| world.join(connection, room))
}

pub(crate) fn leave(connection: Connection, room: &str) -> Result<(), Error> {
    rules::room(room)?;
    world::with(|world| {
        world.open_client(connection)?;
        world.leave(connection, room).map(drop)
    })
}

pub(crate) fn broadcast(room: &str, event: &Event, except: Option<Connection>) -> Result<u32, Error> {
    rules::room(room)?;
    rules::event(event)?;
    world::with(|world| {
        let members = world.members(room).iter().copied();
        let receivers: Vec<_> = members.filter(|member| Some(*member) != except).collect();
        Ok(world.broadcast(&[room.into()], event, &receivers))
    })
}

pub(crate) fn broadcast_many(
    rooms: &[String],
    event: &Event,
    except: Option<Connection>,
    duplicates: Duplicates,
) -> Result<u32, Error> {
    rules::rooms(rooms)?;
    rules::event(event)?;
    world::with(|world| {
        let members = rooms.iter().flat_map(|room| world.members(room)).copied();
        let mut receivers: Vec<_> = members.filter(|member| Some(*member) != except).collect();
        if duplicates == Duplicates::Drop {
            receivers.sort_unstable();
            receivers.dedup();
        }
        Ok(world.broadcast(rooms, event, &receivers))
    })
}

pub(crate) fn members(room: &str, page: Page) -> Result<Members, Error> {
    rules::room(room)?;
    rules::page(page)?;
    world::with(|world| {
        let all = world.members(room);
        let members = all.iter().skip(page.offset as usize).take(page.limit as usize).copied().collect();
        Ok(Members { members, total: all.len() as u32 })
    })
}

pub(crate) fn count(room: &str) -> Result<u32, Error> {
    rules::room(room)?;
    world::with(|world| Ok(world.members(room).len() as u32))
}

pub(crate) fn rooms_of(connection: Connection) -> Result<Vec<String>, Error> {
    world::with(|world| Ok(world.known(connection)?.rooms.clone()))
}

pub(crate) fn tag(connection: Connection) -> Result<Option<String>, Error> {
    world::with(|world| Ok(world.known(connection)?.tag.clone()))
}

pub(crate) fn set_tag(connection: Connection, tag: Option<&str>) -> Result<(), Error> {
    tag.map_or(Ok(()), rules::tag)?;
    world::with(|world| {
        world.open_client(connection)?.tag = tag.map(Into::into);
        Ok(())
    })
}

pub(crate) fn set_timer(delay_ms: u32, repetition: Repetition, token: &str) -> Result<Timer, Error> {
    if delay_ms == 0 {
        return Err(rules::invalid("delay-ms", "is at least 1"));
    }
    if token.len() > rules::MAX_TEXT {
        return Err(rules::invalid("token", "is at most 1 KiB long"));
    }
    world::with(|world| {
        if !world.has_timer_hook {
            return Err(rules::invalid("token", "the plugin does not export `timer`: name OnTimer in export!"));
        }
        if world.clock.len() == rules::MAX_TIMERS {
            return Err(rules::limit("limits.timers", "1,000 timers are set: cancel some, or let one do more"));
        }
        let delay = Duration::from_millis(delay_ms.into());
        let period = (repetition == Repetition::Every).then_some(delay);
        Ok(Timer(world.clock.set(delay, period, token)))
    })
}

pub(crate) fn cancel_timer(timer: Timer) -> bool {
    world::with(|world| world.clock.cancel(timer.0))
}

pub(crate) fn log(level: Level, context: &str, message: &str) {
    world::with(|world| world.records.push(Record { level, context: context.into(), message: message.into() }));
}

pub(crate) fn config(key: &str) -> Result<Option<String>, String> {
    world::with(|world| Ok(world.config.get(key).cloned()))
}

pub(crate) fn config_all() -> Result<Vec<(String, String)>, String> {
    world::with(|world| Ok(world.config.clone().into_iter().collect()))
}
