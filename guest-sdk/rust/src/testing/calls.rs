//! The host's functions, implemented by the fake hub.

use std::time::Duration;

use super::world::{self, World};
use super::{Record, rules, store};
use crate::bindings::roomcast::plugin::timers::Repetition;
use crate::fetch;
use crate::host::{self, Host, Outgoing};
use crate::hub::{Cursor, Duplicates, Members};
use crate::log::Level;
use crate::{Connection, DisconnectReason, Error, Event};

/// The thread's fake hub, as a fake host.
struct FakeHost;

/// Install a world; the calls of this thread go to it.
pub(super) fn begin(world: World) {
    world::begin(world);
    host::install(Some(&FakeHost));
}

/// Remove the world.
pub(super) fn end() {
    host::install(None);
    world::end();
}

impl Host for FakeHost {
    fn send_event(&self, connection: Connection, event: &Event) -> Result<(), Error> {
        rules::event(event)?;
        world::with(|world| {
            world.open_client(connection)?;
            world.inbox(connection).events.push(event.clone());
            Ok(())
        })
    }

    fn send_comment(&self, connection: Connection, text: &str) -> Result<(), Error> {
        rules::one_line("text", text)?;
        world::with(|world| {
            world.open_client(connection)?;
            world.inbox(connection).comments.push(text.into());
            Ok(())
        })
    }

    fn close(&self, connection: Connection) -> Result<(), Error> {
        world::with(|world| world.begin_end(connection, DisconnectReason::PluginClosed))
    }

    fn is_open(&self, connection: Connection) -> bool {
        world::with(|world| world.open_client(connection).is_ok())
    }

    fn join(&self, connection: Connection, room: &str) -> Result<(), Error> {
        rules::room(room)?;
        world::with(|world| world.join(connection, room))
    }

    fn leave(&self, connection: Connection, room: &str) -> Result<(), Error> {
        rules::room(room)?;
        world::with(|world| {
            world.open_client(connection)?;
            world.leave(connection, room).map(drop)
        })
    }

    fn broadcast(&self, room: &str, event: &Event, except: Option<Connection>) -> Result<u32, Error> {
        rules::room(room)?;
        rules::event(event)?;
        world::with(|world| {
            let members = world.members(room).iter().copied();
            let receivers: Vec<_> = members.filter(|member| Some(*member) != except).collect();
            Ok(world.broadcast(&[room.into()], event, &receivers))
        })
    }

    fn broadcast_many(
        &self,
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

    fn members(&self, room: &str, at: Option<Cursor>, limit: u32) -> Result<Members, Error> {
        rules::room(room)?;
        rules::page(limit)?;
        world::with(|world| {
            let all = world.members(room);
            // From the end, as the host does it, so that no member that stays is left out when others leave.
            let end = at.map_or(all.len(), |at| all.len().min(at as usize));
            let begin = end.saturating_sub(limit as usize);
            let members = all[begin..end].to_vec();
            Ok(Members { members, total: all.len() as u32, next: (begin > 0).then_some(begin as Cursor) })
        })
    }

    fn count(&self, room: &str) -> Result<u32, Error> {
        rules::room(room)?;
        world::with(|world| Ok(world.members(room).len() as u32))
    }

    fn rooms_of(&self, connection: Connection) -> Result<Vec<String>, Error> {
        world::with(|world| Ok(world.known(connection)?.rooms.clone()))
    }

    fn tag(&self, connection: Connection) -> Result<Option<String>, Error> {
        world::with(|world| Ok(world.known(connection)?.tag.clone()))
    }

    fn set_tag(&self, connection: Connection, tag: Option<&str>) -> Result<(), Error> {
        tag.map_or(Ok(()), rules::tag)?;
        world::with(|world| {
            world.open_client(connection)?.tag = tag.map(Into::into);
            Ok(())
        })
    }

    fn set_timer(&self, delay_ms: u32, repetition: Repetition, token: &str) -> Result<u64, Error> {
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
            Ok(world.clock.set(delay, period, token))
        })
    }

    fn cancel_timer(&self, timer: u64) -> bool {
        world::with(|world| world.clock.cancel(timer))
    }

    fn log(&self, level: Level, context: &str, message: &str) {
        world::with(|world| world.records.push(Record { level, context: context.into(), message: message.into() }));
    }

    fn config(&self, key: &str) -> Result<Option<String>, String> {
        world::with(|world| Ok(world.config.get(key).cloned()))
    }

    fn config_all(&self) -> Result<Vec<(String, String)>, String> {
        world::with(|world| Ok(world.config.clone().into_iter().collect()))
    }

    fn start_fetch(&self, request: Outgoing, token: &str) -> Result<u64, Error> {
        let Outgoing { method, url, headers, body, connection, timeout_ms } = request;
        let timeout = timeout_ms.map(|time| Duration::from_millis(time.into()));
        let request = fetch::Request { method, url, headers, body, connection, timeout };
        world::with(|world| {
            if !world.has_fetch_hook {
                return Err(rules::invalid(
                    "token",
                    "the plugin does not export `fetch-events`: name OnFetch in export!",
                ));
            }
            rules::fetch(&request, token)?;
            if let Some(connection) = connection {
                world.open_client(connection)?;
            }
            world.fetches.start(request, token).map(u64::from)
        })
    }

    fn cancel_fetch(&self, id: u64) -> bool {
        world::with(|world| world.fetches.remove(id.into()))
    }

    fn store_get(&self, key: &str) -> Result<Option<Vec<u8>>, Error> {
        world::with(|world| Ok(world.pairs.get(key).cloned()))
    }

    fn store_set(&self, key: &str, value: &[u8]) -> Result<(), Error> {
        world::with(|world| store::set(&mut world.pairs, key, value.to_vec()))
    }

    fn store_delete(&self, key: &str) -> Result<(), Error> {
        world::with(|world| world.pairs.remove(key));
        Ok(())
    }

    fn store_exists(&self, key: &str) -> Result<bool, Error> {
        world::with(|world| Ok(world.pairs.contains_key(key)))
    }

    fn store_keys(&self) -> Result<Vec<String>, Error> {
        world::with(|world| Ok(world.pairs.keys().cloned().collect()))
    }

    fn store_increment(&self, key: &str, delta: i64) -> Result<i64, Error> {
        world::with(|world| store::increment(&mut world.pairs, key, delta))
    }
}
