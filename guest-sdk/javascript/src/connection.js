// One open event stream.
import * as host from "#host";
import { text } from "./arguments.js";
import { toEvent } from "./event.js";
import { call } from "./host-error.js";

export class Connection {
  constructor(id) {
    this.id = text(id, "a connection's id");
  }

  send(event) {
    call(host.sendEvent, this.id, toEvent(event));
  }

  comment(content) {
    call(host.sendComment, this.id, text(content, "the comment"));
  }

  close() {
    call(host.close, this.id);
  }

  isOpen() {
    return host.isOpen(this.id);
  }

  join(room) {
    call(host.join, this.id, text(room, "the room"));
  }

  leave(room) {
    call(host.leave, this.id, text(room, "the room"));
  }

  rooms() {
    return call(host.roomsOf, this.id);
  }

  get tag() {
    return call(host.tag, this.id) ?? undefined;
  }

  set tag(tag) {
    call(host.setTag, this.id, tag === undefined || tag === null ? undefined : text(tag, "the tag"));
  }

  toString() {
    return this.id;
  }

  toJSON() {
    return this.id;
  }
}

/** The id of what was given as a connection: one, an id, or nothing. */
export function idOf(connection, what) {
  if (connection === undefined || connection === null) return undefined;
  return connection instanceof Connection ? connection.id : text(connection, what);
}
