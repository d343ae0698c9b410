// Operations on rooms.
import * as host from "#host";
import { fields, text, u32 } from "./arguments.js";
import { Connection, idOf } from "./connection.js";
import { toEvent } from "./event.js";
import { call } from "./host-error.js";
import { show } from "./show.js";

export function broadcast(room, event, options = {}) {
  const { except } = fields(options, "the third argument of hub.broadcast", ["except"]);
  return call(host.broadcast, text(room, "the room"), toEvent(event), idOf(except, "`except`"));
}

export function broadcastMany(rooms, event, options = {}) {
  const known = ["except", "duplicates"];
  const { except, duplicates = "drop" } = fields(options, "the third argument of hub.broadcastMany", known);
  if (!Array.isArray(rooms)) throw new TypeError(`the rooms must be an array of strings, not ${show(rooms)}`);
  if (duplicates !== "drop" && duplicates !== "keep") {
    throw new TypeError(`\`duplicates\` is "drop" or "keep", not ${show(duplicates)}`);
  }
  const names = rooms.map((room) => text(room, "a room"));
  return call(host.broadcastMany, names, toEvent(event), idOf(except, "`except`"), duplicates);
}

export function members(room, options = {}) {
  const { offset = 0, limit = 1000 } = fields(options, "the second argument of hub.members", ["offset", "limit"]);
  const page = { offset: u32(offset, "`offset`"), limit: u32(limit, "`limit`") };
  const { members, total } = call(host.members, text(room, "the room"), page);
  return { members: members.map((id) => new Connection(id)), total };
}

export function count(room) {
  return call(host.count, text(room, "the room"));
}
