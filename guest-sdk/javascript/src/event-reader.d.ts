import type { Body } from "./body.js";
import type { PublishedEvent } from "./event.js";

/**
 * Makes events of the answers that are streams of events themselves (`text/event-stream`), as those of language models are,
 * wherever their pieces end. One reader does for all fetches, since it keeps them apart by their token:
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
  /** A new one; or one that goes on where another was: `save: () => ({ reader })`, `new EventReader(state.json().reader)`. */
  constructor(saved?: object);

  /** Take a piece of an answer. Answers the events that are complete now, in the shape in which a connection sends them. */
  push(token: string, chunk: Body | string): PublishedEvent[];

  /** The answer is over: forget what is left of it. */
  end(token: string): void;

  /** What has been read of events that are not complete. */
  toJSON(): object;
}
