// The state of connections and rooms: plain values that the SDK saves and restores.
//
// What is saved is that of the plugin alone, as its own `save` has it, unless there is a value here, or it could be taken for
// what follows. Then it is
// `{"roomcast":1,"connections":{ID:VALUE},"rooms":{NAME:VALUE},"plugin":OWN}`, with OWN as text or, of bytes that are not
// UTF-8, as `{"base64":TEXT}`.
import * as host from "#host";
import { isPlain, json } from "./arguments.js";
import { Body, toBytes } from "./body.js";
import { toHalves, uuid } from "./connection-id.js";
import { call, HostError } from "./host-error.js";
import { show } from "./show.js";

const VERSION = 1;
const OURS = /^\s*\{\s*"roomcast"\s*:/;
/** As many bytes at the begin say whether it is ours. */
const BEGIN = 64;

/** Those of an instance that begins. `ended` were no longer open when they were restored: their `onDisconnect` is on its way. */
export const begin = () => ({ connections: new Map(), rooms: new Map(), ended: new Set() });

let own = begin();

/** In tests several instances are in one process. */
export function use(states) {
  own = states;
}

export const ofConnection = (id) => own.connections.get(id);
export const ofRoom = (name) => own.rooms.get(name);

/** Of a connection that has ended a value would stay for ever. */
export function setOfConnection(id, value) {
  if (value !== undefined && !isOpen(id)) throw HostError.from({ tag: "no-such-connection" });
  set(own.connections, id, value, "connection.state");
}

/** So would that of a room in which nobody is. */
export function setOfRoom(name, value) {
  if (value !== undefined && isEmpty(name)) {
    throw new Error(`the room ${JSON.stringify(name)} has no members, so it has no state: have a connection join it first`);
  }
  set(own.rooms, name, value, "the state of a room");
}

/** A connection has ended, and its hooks have been called. */
export function forgetConnection(id) {
  own.connections.delete(id);
}

/** A connection has left a room: its value goes with the last one. */
export function memberLeft(room) {
  if (own.rooms.has(room) && isEmpty(room)) own.rooms.delete(room);
}

const isOpen = (id) => host.isOpen(toHalves(id));
const isEmpty = (room) => call(host.count, room) === 0;

/** Undefined removes it. The value is kept as it is, so what is changed in it later is saved, too. */
function set(values, key, value, what) {
  if (value === undefined) return void values.delete(key);
  const isJson = value === null || ["string", "number", "boolean"].includes(typeof value) || Array.isArray(value) || isPlain(value);
  if (!isJson) throw new TypeError(`${what} is a value that JSON has, not ${show(value)}`);
  values.set(key, value);
}

/** The bytes to save. `saved` are the plugin's own, if it has a hook `save`. */
export function save(saved) {
  const { connections, rooms, ended } = own;
  for (const id of ended) connections.delete(id);
  ended.clear();
  const isUsed = connections.size > 0 || rooms.size > 0;
  if (!isUsed && !(saved && isOurs(saved))) return saved ?? new Uint8Array();
  const all = {
    roomcast: VERSION,
    connections: Object.fromEntries(connections),
    rooms: Object.fromEntries(rooms),
    plugin: saved && asJson(saved),
  };
  return toBytes(json(all, "the state of connections and rooms"), "the state");
}

/** Takes over what was saved; the plugin's own part of it, undefined if there is none. */
export function restore(bytes) {
  if (!isOurs(bytes)) return bytes;
  const { roomcast, connections = {}, rooms = {}, plugin } = JSON.parse(new Body(bytes).textLossy());
  if (roomcast !== VERSION) throw new Error(`version ${roomcast} of the SDK's state is not known to this SDK, which has version ${VERSION}`);
  own.connections = new Map(Object.entries(connections).map(([id, value]) => [uuid(id, "a connection of the saved state"), value]));
  own.rooms = new Map(Object.entries(rooms).filter(([name]) => !isEmpty(name)));
  own.ended = new Set([...own.connections.keys()].filter((id) => !isOpen(id)));
  return plugin === undefined || plugin === null ? undefined : fromJson(plugin);
}

function isOurs(bytes) {
  return OURS.test(new Body(bytes.subarray(0, BEGIN)).textLossy());
}

function asJson(bytes) {
  const body = new Body(bytes);
  return body.isText ? body.text() : { base64: btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join("")) };
}

function fromJson(plugin) {
  if (typeof plugin === "string") return new TextEncoder().encode(plugin);
  return Uint8Array.from(atob(plugin.base64), (character) => character.charCodeAt(0));
}
