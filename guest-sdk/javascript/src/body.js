// Bytes from outside: a message's body, a saved state, a value of the store.
import { json, text } from "./arguments.js";
import { isDeeper } from "./depth.js";
import { Rejection } from "./rejection.js";

/** So many arrays and objects may lie within each other in what a client sends. */
const DEEPEST = 512;

export class Body {
  #text;
  #bytes;
  #what;
  #deepest;

  /** `content` is a string or a Uint8Array, `what` its name in errors, `deepest` how deep its JSON may be nested. */
  constructor(content, what = "the body", deepest = DEEPEST) {
    this.#bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
    this.#what = what;
    this.#deepest = deepest;
  }

  get isText() {
    try {
      this.text();
      return true;
    } catch {
      return false;
    }
  }

  text() {
    try {
      return (this.#text ??= new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(this.#bytes));
    } catch {
      throw new Rejection(400, `${this.#what} is not text (UTF-8)`);
    }
  }

  textLossy() {
    return this.#text ?? new TextDecoder("utf-8", { ignoreBOM: true }).decode(this.#bytes);
  }

  json() {
    const content = this.text();
    if (isDeeper(content, this.#deepest)) throw new Rejection(400, `${this.#what} is nested deeper than ${this.#deepest} levels`);
    try {
      return JSON.parse(content);
    } catch (error) {
      throw new Rejection(400, `${this.#what} is not JSON: ${error.message}`);
    }
  }

  bytes() {
    return this.#bytes;
  }
}

/** The bytes that an author hands over: text, bytes, or any other value as JSON. */
export function toBytes(value, what) {
  if (value instanceof Uint8Array) return value;
  return new TextEncoder().encode(typeof value === "string" ? text(value, what) : json(value, what));
}
