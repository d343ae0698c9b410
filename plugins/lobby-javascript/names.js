// Names that people choose, for themselves and for rooms.
import { Connection, Rejection } from "roomcast";

const MAX_CHARACTERS = 40;
/** Rooms of the server's own start with this; `__all` is everybody. */
const RESERVED = "__";

/**
 * A person's name, trimmed; rejected when it is empty, too long, or contains control characters.
 *
 * @param {string} name
 */
export function person(name) {
  return checked("name", name);
}

/**
 * A room's name, trimmed; rejected as a person's, and when it is one of the server's own.
 *
 * @param {string} name
 */
export function room(name) {
  const trimmed = checked("room", name);
  if (trimmed.startsWith(RESERVED)) {
    throw new Rejection(400, `\`room\`: names that start with ${RESERVED} are the server's own, take another`);
  }
  return trimmed;
}

/**
 * Whether people can choose it for a room.
 *
 * @param {string} name
 */
export function isRoom(name) {
  return problem(name.trim()) === undefined && !name.trim().startsWith(RESERVED);
}

/**
 * The name of somebody who gives none.
 *
 * @param {Connection} connection
 */
export function guest(connection) {
  return `guest-${connection.id.slice(0, 4)}`;
}

/** @type {(what: string, name: string) => string} */
function checked(what, name) {
  const trimmed = name.trim();
  const wrong = problem(trimmed);
  if (wrong) throw new Rejection(400, `\`${what}\` ${wrong}`);
  return trimmed;
}

/** @type {(name: string) => string | undefined} */
function problem(name) {
  if (name === "") return "must not be empty";
  if ([...name].length > MAX_CHARACTERS) return "is at most 40 characters long";
  if (/\p{Cc}/u.test(name)) return "must not contain control characters";
  return undefined;
}
