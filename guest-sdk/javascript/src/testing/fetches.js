// Fetches in flight on the fake hub: the test is the server that answers them.
import { fromBytes } from "./content.js";
import * as rules from "./rules.js";

export class Fetches {
  #underWay = [];
  #last = 0;

  start(request, token) {
    if (rules.bytes(token) > rules.MAX_TEXT) throw rules.invalid("token", "a token has at most 1024 bytes");
    rules.outgoing(request);
    if (this.#underWay.length === rules.MAX_FETCHES) {
      throw rules.limit("capabilities.http.streams", `${rules.MAX_FETCHES} fetches are in flight: wait until one ends, or cancel one`);
    }
    const { url, method, connection, timeoutMs, body } = request;
    const headers = Object.fromEntries(request.headers);
    this.#underWay.push({ id: ++this.#last, token, url, method, headers, body: fromBytes(body), connection, timeoutMs, hasHead: false });
    return this.#last;
  }

  cancel(id) {
    const before = this.#underWay.length;
    this.#underWay = this.#underWay.filter((fetch) => fetch.id !== id);
    return this.#underWay.length < before;
  }

  /** The fetches in flight, without fields that are not set. */
  all() {
    return this.#underWay.map(({ hasHead, ...fetch }) => Object.fromEntries(Object.entries(fetch).filter(([, value]) => value !== undefined)));
  }

  /** The fetch with this id. */
  find({ id }) {
    const found = this.#underWay.find((fetch) => fetch.id === id);
    if (!found) throw new Error(`fetch ${id} is not in flight: it has ended, or was cancelled`);
    return found;
  }

  /** The fetches of a connection. */
  for(connection) {
    return this.#underWay.filter((fetch) => fetch.connection === connection);
  }
}
