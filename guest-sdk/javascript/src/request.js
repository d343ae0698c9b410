// The head of a client's HTTP request, which the host lends for the time of a call.
import { text } from "./arguments.js";

/** Returns a request to the host at the end of the call. */
export let end;

export class Request {
  #lent;
  #parameters;

  static {
    end = (request) => {
      request.#lent[Symbol.dispose]?.();
      request.#lent = undefined;
    };
  }

  /** `lent` has a method for each property. */
  constructor(lent) {
    this.#lent = lent;
  }

  get method() {
    return this.#head.method();
  }

  get path() {
    return this.#head.path();
  }

  get query() {
    return this.#head.query() ?? undefined;
  }

  get headers() {
    return this.#head.headers();
  }

  get peer() {
    return this.#head.peer();
  }

  get lastEventId() {
    return this.#head.lastEventId() ?? undefined;
  }

  header(name) {
    return this.#head.header(text(name, "a header's name")) ?? undefined;
  }

  parameter(name) {
    return this.parameters().get(name) ?? undefined;
  }

  parameters() {
    return (this.#parameters ??= new URLSearchParams(this.query ?? ""));
  }

  get #head() {
    if (!this.#lent) throw new Error("the request was read after its call: read what you need of it in the hook, and keep that");
    return this.#lent;
  }
}
