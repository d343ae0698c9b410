//! Roomcast: a Server-Sent-Events server whose connection and room logic is written as WebAssembly plugins.
//!
//! **hyper shakes hands, a plugin decides, a room orders, a shard delivers.**
//!
//! # The parts
//!
//! - [`event`]: ids, room names, events, and the frame that an event is encoded into once.
//! - [`hub`]: connections and rooms. A directory decides who is where; shards own the sockets and deliver.
//! - [`plugin`]: WebAssembly components: loading, running within limits, and the ordered chain of them.
//! - `broker`: what takes both, each way once: connecting, joining, leaving, publishing, messages, and telling of ends.
//! - [`http`]: what clients and operators can ask for, one file for each.
//! - [`server`]: listeners, and the takeover of a socket from the HTTP library.
//! - [`app`]: the one part that knows all others, built from [`config`]. [`cli`] is what was typed: one file for each verb.
//! - [`scenario`]: a server without sockets and with a clock that stands still, for `roomcast test`.
//! - [`project`]: a plugin's folder, from `roomcast new` to a component; it knows [`app`] and [`plugin`], and only [`cli`] knows it.
//! - [`address`], `files`, [`listen`], `lock`, `metrics`, [`logging`], [`origin`], `progress`, `supervise`, `text`, [`units`]: leaves.
//!
//! # The life of a connection
//!
//! A socket is accepted in [`server`], which finds out the HTTP version and hands each request to [`http`]. A GET on the
//! endpoint opens a [`hub::Pending`]: the connection has an id, is in the auto-join room, and may be sent to, but
//! what is sent waits. The chain of plugins is asked, each in its own sandbox; the first rejection is the answer.
//! Otherwise hyper writes the head. On HTTP/1 it writes it into a buffer, not to the socket: socket and head go to the
//! connection's shard, which sends head, greeting and everything that waits in one write, and from then on a
//! connection is a file descriptor and about a hundred bytes. On HTTP/2 the stream stays in hyper, and pulls
//! from a bounded queue that the shard fills.
//!
//! It ends in one place, `Shard::finish`: the client has gone, the outbox is full, a write has taken too long, or
//! somebody closed it. It leaves its rooms, and the plugins that have accepted it get `on-disconnect`, once.

pub mod address;
pub mod app;
mod broker;
pub mod cli;
pub mod config;
pub mod event;
mod files;
pub mod http;
pub mod hub;
pub mod listen;
mod lock;
pub mod logging;
mod metrics;
pub mod origin;
pub mod plugin;
mod progress;
pub mod project;
pub mod scenario;
pub mod server;
mod supervise;
mod text;
pub mod units;
