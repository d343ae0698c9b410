// One open event stream.
import * as host from "#host";
import { text } from "./arguments.js";
import { toHalves, toText, uuid } from "./connection-id.js";
import { toEvent } from "./event.js";
import { call } from "./host-error.js";
import * as state from "./state.js";

/** A connection's id as the host has it. */
let held;

export class Connection {
  /** The id as the host has it. */
  #halves;

  static {
    held = (connection) => connection.#halves;
  }

  /** `id` is its text, or what the host calls a hook with. */
  constructor(id) {
    const isText = typeof id?.high !== "string";
    this.id = isText ? uuid(id, "a connection's id") : toText(id);
    this.#halves = isText ? toHalves(this.id) : id;
  }

  send(event) {
    call(host.sendEvent, this.#halves, toEvent(event));
  }

  comment(content) {
    call(host.sendComment, this.#halves, text(content, "the comment"));
  }

  close() {
    call(host.close, this.#halves);
  }

  isOpen() {
    return host.isOpen(this.#halves);
  }

  join(room) {
    call(host.join, this.#halves, text(room, "the room"));
  }

  leave(room) {
    call(host.leave, this.#halves, text(room, "the room"));
    state.memberLeft(room);
  }

  rooms() {
    return call(host.roomsOf, this.#halves);
  }

  get tag() {
    return call(host.tag, this.#halves) ?? undefined;
  }

  set tag(tag) {
    call(host.setTag, this.#halves, tag === undefined || tag === null ? undefined : text(tag, "the tag"));
  }

  get state() {
    return state.ofConnection(this.id);
  }

  set state(value) {
    state.setOfConnection(this.id, value);
  }

  toString() {
    return this.id;
  }

  toJSON() {
    return this.id;
  }
}

/** What was given as a connection (one, its id, or nothing), as the host has it. */
export function halvesOf(connection, what) {
  if (connection === undefined || connection === null) return undefined;
  return connection instanceof Connection ? held(connection) : toHalves(uuid(connection, what));
}
