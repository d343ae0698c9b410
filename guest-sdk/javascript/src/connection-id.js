// A connection's id: a UUID, which the host has in two halves of 16 hexadecimal digits, and an author as text.
import { show } from "./show.js";

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

export function toText({ high, low }) {
  return high.slice(0, 8) + "-" + high.slice(8, 12) + "-" + high.slice(12) + "-" + low.slice(0, 4) + "-" + low.slice(4);
}

/** The halves of a text in lower case. */
export function toHalves(id) {
  return { high: id.slice(0, 8) + id.slice(9, 13) + id.slice(14, 18), low: id.slice(19, 23) + id.slice(24) };
}

/** A UUID in lower case, so that equal ids are equal texts. */
export function uuid(value, what) {
  const id = typeof value === "string" ? value.toLowerCase() : "";
  if (!UUID.test(id)) throw new TypeError(`${what} must be a UUID such as 0192f3c4-7b1e-4c55-9c0e-2f6d1c1b8a77, not ${show(value)}`);
  return id;
}
