// Bytes from outside: a message's body, a saved state, a value of the store.
import { json, text } from "./arguments.js";
import { isDeeper } from "./depth.js";
import { Rejection } from "./rejection.js";

/** So many arrays and objects may lie within each other in what a client sends. */
const DEEPEST = 512;

const clientsFault = (text) => new Rejection(400, text);
const pluginsFault = (text) => new Error(text);

export class Body {
  #text;
  #bytes;
  #what;
  #deepest;
  #fault;

  /** `what` is its name in errors, `deepest` how deep its JSON may be nested, and `fault` makes the error when it is not what is asked for. */
  constructor(content, { what = "the body", deepest = DEEPEST, fault = clientsFault } = {}) {
    this.#bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
    this.#what = what;
    this.#deepest = deepest;
    this.#fault = fault;
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
      throw this.#fault(`${this.#what} is not text (UTF-8)`);
    }
  }

  textLossy() {
    return this.#text ?? new TextDecoder("utf-8", { ignoreBOM: true }).decode(this.#bytes);
  }

  json() {
    const content = this.text();
    if (isDeeper(content, this.#deepest)) throw this.#fault(`${this.#what} is nested deeper than ${this.#deepest} levels`);
    try {
      return JSON.parse(content);
    } catch (error) {
      throw this.#fault(`${this.#what} is not JSON: ${error.message}`);
    }
  }

  bytes() {
    return this.#bytes;
  }
}

/** What the plugin itself has written: a saved state, a value of the store. */
export function stored(bytes, what) {
  return new Body(bytes, { what, deepest: Infinity, fault: pluginsFault });
}

/** The bytes that an author hands over: text, bytes, or any other value as JSON. */
export function toBytes(value, what) {
  if (value instanceof Uint8Array) return value;
  return new TextEncoder().encode(typeof value === "string" ? text(value, what) : json(value, what));
}
