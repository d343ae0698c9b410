// The host's functions outside a component: the fake hub's, which validate as the host does.
import * as rules from "../testing/rules.js";
import { world } from "../testing/world.js";

/** See component.js. */
export const passed = (number) => number;

export function sendEvent(id, event) {
  rules.event(event);
  world().openClient(id);
  world().inbox(id).events.push(event);
}

export function sendComment(id, text) {
  rules.oneLine("text", text);
  world().openClient(id);
  world().inbox(id).comments.push(text);
}

export const close = (id) => world().end(id, "plugin-closed");
export const isOpen = (id) => world().isOpen(id);
export const join = (id, room) => world().join(id, rules.room(room));
export const roomsOf = (id) => [...world().known(id).rooms];
export const tag = (id) => world().known(id).tag;
export const count = (room) => world().members(rules.room(room)).length;

export function leave(id, room) {
  world().leave(id, rules.room(room));
}

export function setTag(id, tag) {
  rules.tag(tag);
  world().openClient(id).tag = tag;
}

export function broadcast(room, event, except) {
  rules.event(event);
  return world().broadcast([room], event, world().members(rules.room(room)).filter((id) => id !== except));
}

export function broadcastMany(rooms, event, except, duplicates) {
  rules.event(event);
  const receivers = rules.rooms(rooms).flatMap((room) => world().members(room)).filter((id) => id !== except);
  return world().broadcast(rooms, event, duplicates === "drop" ? [...new Set(receivers)] : receivers);
}

export function members(room, page) {
  const all = world().members(rules.room(room));
  const { offset, limit } = rules.page(page);
  return { members: all.slice(offset, offset + limit), total: all.length };
}

export function setTimer(delay, repetition, token) {
  const { clock, hasTimerHook } = world();
  if (!hasTimerHook) throw rules.invalid("token", "nobody would be called with it: the plugin has no hook `onTimer`");
  if (delay === 0) throw rules.invalid("delay-ms", "is at least 1");
  if (rules.bytes(token) > rules.MAX_TEXT) throw rules.limit("limits.timer_token", "a token has at most 1024 bytes");
  if (clock.size === rules.MAX_TIMERS) throw rules.limit("limits.timers", `${rules.MAX_TIMERS} timers are set: cancel one`);
  return clock.set(delay, repetition, token);
}

export function startFetch(request, token) {
  const { fetches, hasFetchHook } = world();
  if (!hasFetchHook) throw rules.invalid("token", "nobody would be called with it: the plugin has no hook `onChunk` or `onEnd`");
  if (request.connection !== undefined) world().openClient(request.connection);
  return fetches.start(request, token);
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
  throw new Error("the instance has ended: onError threw, or save failed");
}
