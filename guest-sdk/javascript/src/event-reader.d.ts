import type { Body } from "./body.js";
import type { PublishedEvent } from "./event.js";

/**
 * Parses answers that are event streams themselves (`text/event-stream`), such as those of language models. Chunks may end
 * anywhere. One reader serves all fetches; it tells them apart by their token:
 *
 * ```js
 * const reader = new EventReader();
 *
 * onChunk(token, chunk) {
 *   for (const { data } of reader.push(token, chunk)) connection.send({ data, event: "token" });
 * },
 * onEnd(token) {
 *   reader.end(token);
 * },
 * ```
 */
export class EventReader {
  /** A new reader, or one restored from a saved one: `save: () => ({ reader })`, `new EventReader(state.json().reader)`. */
  constructor(saved?: object);

  /** Parse a chunk of an answer. Returns the events that it completes, in the form that `connection.send` takes. */
  push(token: string, chunk: Body | string): PublishedEvent[];

  /** The answer has ended: drop its unfinished event. */
  end(token: string): void;

  /** The parts of unfinished events. */
  toJSON(): object;
}
