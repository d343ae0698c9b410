// Operations on rooms.
import * as host from "#host";
import { fields, text, u32 } from "./arguments.js";
import { Connection, halvesOf } from "./connection.js";
import { toEvent } from "./event.js";
import { call } from "./host-error.js";
import { show } from "./show.js";
import * as state from "./state.js";

const MAX_PAGE = 1000;

export function broadcast(room, event, options = {}) {
  const { except } = fields(options, "the third argument of hub.broadcast", ["except"]);
  return call(host.broadcast, text(room, "the room"), toEvent(event), halvesOf(except, "`except`"));
}

export function broadcastMany(rooms, event, options = {}) {
  const known = ["except", "duplicates"];
  const { except, duplicates = "drop" } = fields(options, "the third argument of hub.broadcastMany", known);
  if (!Array.isArray(rooms)) throw new TypeError(`the rooms must be an array of strings, not ${show(rooms)}`);
  if (duplicates !== "drop" && duplicates !== "keep") {
    throw new TypeError(`\`duplicates\` is "drop" or "keep", not ${show(duplicates)}`);
  }
  const names = rooms.map((room) => text(room, "a room"));
  return call(host.broadcastMany, names, toEvent(event), halvesOf(except, "`except`"), duplicates);
}

export function members(room, options = {}) {
  const { at, limit = MAX_PAGE } = fields(options, "the second argument of hub.members", ["at", "limit"]);
  if (at !== undefined && at !== null && !Number.isSafeInteger(at)) throw new TypeError(`\`at\` is the \`next\` of another page, not ${show(at)}`);
  const { members, total, next } = call(host.members, text(room, "the room"), at ?? undefined, u32(limit, "`limit`"));
  return { members: members.map((id) => new Connection(id)), total, next };
}

/** A member may be on two pages, when others leave between them. */
export function* allMembers(room) {
  const seen = new Set();
  let at;
  do {
    const page = members(room, { at });
    for (const member of page.members) {
      if (seen.has(member.id)) continue;
      seen.add(member.id);
      yield member;
    }
    at = page.next;
  } while (at !== undefined);
}

/** A room by its name. */
class Room {
  constructor(name) {
    this.name = name;
  }

  get state() {
    return state.ofRoom(this.name);
  }

  set state(value) {
    state.setOfRoom(this.name, value);
  }
}

export function room(name) {
  return new Room(text(name, "the room"));
}

export function count(room) {
  return call(host.count, text(room, "the room"));
}
