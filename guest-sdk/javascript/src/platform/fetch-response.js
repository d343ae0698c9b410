// The answer to `fetch`, which is there as a whole.
import { reasonOf } from "./status.js";

class FetchHeaders {
  #pairs;

  constructor(pairs) {
    this.#pairs = pairs;
  }

  get(name) {
    const found = this.#pairs.filter(([key]) => key === name.toLowerCase()).map(([, value]) => value);
    return found.length > 0 ? found.join(", ") : null;
  }

  has(name) {
    return this.get(name) !== null;
  }

  entries() {
    return this.#pairs.values();
  }

  [Symbol.iterator]() {
    return this.entries();
  }
}

export class FetchResponse {
  #bytes;

  constructor(url, status, headers, bytes) {
    this.url = url;
    this.status = status;
    this.statusText = reasonOf(status);
    this.ok = status >= 200 && status < 300;
    this.headers = new FetchHeaders(headers);
    this.#bytes = bytes;
  }

  async text() {
    return this.#text();
  }

  /** It works at once, so that the stack of an error leads to the call. */
  async json() {
    try {
      return JSON.parse(this.#text());
    } catch (error) {
      const type = this.headers.get("content-type") ?? "no content-type";
      throw new SyntaxError(`fetch ${this.url}: the answer is not JSON (status ${this.status}, ${type}): ${error.message}`);
    }
  }

  #text() {
    return new TextDecoder().decode(this.#bytes);
  }

  async bytes() {
    return this.#bytes;
  }

  async arrayBuffer() {
    return this.#bytes.buffer;
  }
}
