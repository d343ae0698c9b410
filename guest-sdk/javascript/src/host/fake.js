// The host's functions outside a component: the fake hub's, which validate as the host does.
import { toHalves, toText } from "../connection-id.js";
import { isTimeout } from "../platform/due.js";
import * as rules from "../testing/rules.js";
import { world } from "../testing/world.js";

/** See component.js. */
export const passed = (number) => number;

/** A function of a connection: the host's ids are halves, and the fake hub's are texts. */
const about = (work) => (id, ...values) => work(toText(id), ...values);

export const sendEvent = about((id, event) => {
  rules.event(event);
  world().openClient(id);
  world().inbox(id).events.push(event);
});

export const sendComment = about((id, text) => {
  rules.oneLine("text", text);
  world().openClient(id);
  world().inbox(id).comments.push(text);
});

export const close = about((id) => world().end(id, "plugin-closed"));
export const isOpen = about((id) => world().isOpen(id));
export const join = about((id, room) => world().join(id, rules.room(room)));
export const leave = about((id, room) => void world().leave(id, rules.room(room)));
export const roomsOf = about((id) => [...world().known(id).rooms]);
export const tag = about((id) => world().known(id).tag);
export const count = (room) => world().members(rules.room(room)).length;

export const setTag = about((id, tag) => {
  rules.tag(tag);
  world().openClient(id).tag = tag;
});

/** The members of rooms but for one: a member of several of them as often. */
function receivers(rooms, except) {
  const members = rooms.flatMap((room) => world().members(room));
  return except === undefined ? members : members.filter((id) => id !== toText(except));
}

export function broadcast(room, event, except) {
  rules.event(event);
  return world().broadcast([room], event, receivers([rules.room(room)], except));
}

export function broadcastMany(rooms, event, except, duplicates) {
  rules.event(event);
  const all = receivers(rules.rooms(rooms), except);
  return world().broadcast(rooms, event, duplicates === "drop" ? [...new Set(all)] : all);
}

/** From the end, as the host does it, so that no member that stays is left out when others leave. */
export function members(room, at, limit) {
  const all = world().members(rules.room(room));
  const end = Math.min(at ?? all.length, all.length);
  const begin = Math.max(end - rules.page(limit), 0);
  return { members: all.slice(begin, end).map(toHalves), total: all.length, next: begin > 0 ? begin : undefined };
}

export function setTimer(delay, repetition, token) {
  const { clock, hasTimerHook } = world();
  if (!hasTimerHook && !isTimeout(token)) throw rules.invalid("token", "nobody would be called with it: the plugin has no hook `onTimer`");
  if (delay === 0) throw rules.invalid("delay-ms", "is at least 1");
  if (rules.bytes(token) > rules.MAX_TEXT) throw rules.limit("limits.timer_token", "a token has at most 1024 bytes");
  if (clock.size === rules.MAX_TIMERS) throw rules.limit("limits.timers", `${rules.MAX_TIMERS} timers are set: cancel one`);
  return clock.set(delay, repetition, token);
}

export function startFetch(request, token) {
  const { fetches, hasFetchHook } = world();
  if (!hasFetchHook) throw rules.invalid("token", "nobody would be called with it: the plugin has no hook `onChunk` or `onEnd`");
  const connection = request.connection && toText(request.connection);
  if (connection !== undefined) world().openClient(connection);
  return fetches.start({ ...request, connection }, token);
}

export const cancelFetch = (id) => world().fetches.cancel(id);
export const cancelTimer = (id) => world().clock.cancel(id);

export function log(level, context, message) {
  world().records.push({ level, context, message });
}

export const config = (key) => world().config[key];
export const configAll = () => Object.entries(world().config);
export const randomBytes = (length) => globalThis.crypto.getRandomValues(new Uint8Array(length));

export function exit() {
  throw new Error("the instance has ended: onError threw");
}
