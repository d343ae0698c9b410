import type { Headers } from "./response.js";

/**
 * A refusal: `throw new Rejection(403, "members only")`.
 *
 * In `onConnect` and `onMessage` it is the answer, with status, text and headers; in `onJoin` and `onPublish` its text is.
 */
export class Rejection extends Error {
  /**
   * The status is 204, or 400 to 599; a browser does not reconnect after any of them. 401 needs the header
   * `www-authenticate`; 429 and 503 should have `retry-after`.
   */
  constructor(status: number, message?: string, headers?: Headers);

  readonly status: number;
  readonly headers: [name: string, value: string][];
}
