// Checks of what the author passes in: a wrong type would otherwise end the instance without saying where.
import { passed } from "#host";
import { nearest } from "./suggest.js";
import { show } from "./show.js";

const MAX_U32 = 0xffff_ffff;

/** A string, as the contract takes it: UTF-8, so that halves of surrogate pairs become U+FFFD. */
export function text(value, what) {
  if (typeof value !== "string") throw new TypeError(`${what} must be a string, not ${show(value)}`);
  return value.isWellFormed() ? value : value.toWellFormed();
}

/** A whole number from 0 to 4,294,967,295, as the host takes it. */
export function u32(value, what) {
  if (!Number.isInteger(value) || value < 0 || value > MAX_U32) {
    throw new TypeError(`${what} must be a whole number from 0 to ${MAX_U32}, not ${show(value)}`);
  }
  return passed(value);
}

/** An object that has no other keys than these: a key that is misspelt would be lost in silence. */
export function fields(value, what, known) {
  for (const key of Object.keys(value)) {
    if (known.includes(key)) continue;
    const meant = nearest(key, known);
    throw new TypeError(`${what} has no \`${key}\`: ${meant ? `did you mean \`${meant}\`?` : `it takes ${known.join(", ")}`}`);
  }
  return value;
}

/** Whether it is an object that is written with braces, and not of some class. */
export function isPlain(value) {
  if (typeof value !== "object" || value === null) return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype || prototype.constructor?.name === "Object";
}

/** The JSON of a value. */
export function json(value, what) {
  const encoded = JSON.stringify(value);
  if (encoded === undefined) throw new TypeError(`${what} cannot be JSON: it is ${show(value)}`);
  return encoded;
}

/** Headers as the contract has them: pairs, names in lower case. Takes an object, or pairs. */
export function headers(value, what) {
  if (value === undefined) return [];
  const pairs = Array.isArray(value) ? value : isPlain(value) ? Object.entries(value) : undefined;
  if (!pairs) throw new TypeError(`${what} must be an object, for example { "content-type": "text/plain" }, not ${show(value)}`);
  return pairs.map(([name, content]) => [text(name, `a name in ${what}`).toLowerCase(), text(String(content), what)]);
}
