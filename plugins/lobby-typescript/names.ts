// Names that people choose, for themselves and for rooms.
import { type Connection, Rejection } from "roomcast";

const MAX_CHARACTERS = 40;
/** Rooms of the server's own start with this; `__all` is everybody. */
const RESERVED = "__";

/** A person's name, trimmed; rejected when it is empty, too long, or contains control characters. */
export function person(name: string): string {
  return checked("name", name);
}

/** A room's name, trimmed; rejected as a person's, and when it is one of the server's own. */
export function room(name: string): string {
  const trimmed = checked("room", name);
  if (trimmed.startsWith(RESERVED)) {
    throw new Rejection(400, `\`room\`: names that start with ${RESERVED} are the server's own, take another`);
  }
  return trimmed;
}

/** Whether people can choose it for a room. */
export function isRoom(name: string): boolean {
  return problem(name.trim()) === undefined && !name.trim().startsWith(RESERVED);
}

/** The name of somebody who gives none. */
export function guest(connection: Connection): string {
  return `guest-${connection.id.slice(0, 4)}`;
}

function checked(what: "name" | "room", name: string): string {
  const trimmed = name.trim();
  const wrong = problem(trimmed);
  if (wrong) throw new Rejection(400, `\`${what}\` ${wrong}`);
  return trimmed;
}

function problem(name: string): string | undefined {
  if (name === "") return "must not be empty";
  if ([...name].length > MAX_CHARACTERS) return "is at most 40 characters long";
  if (/\p{Cc}/u.test(name)) return "must not contain control characters";
  return undefined;
}
