import type { Headers } from "./response.js";

/**
 * A refusal: `throw new Rejection(403, "members only")`.
 *
 * In `onConnect`, `onMessage`, `onJoin` and `onPublish` it is the answer, with status, text and headers.
 */
export class Rejection extends Error {
  /**
   * The status is 400 to 599, in `onConnect` also 204; a browser does not reconnect after any of them. 401 needs the header
   * `www-authenticate`; 429 and 503 should have `retry-after`.
   */
  constructor(status: number, message?: string, headers?: Headers);

  readonly status: number;
  readonly headers: [name: string, value: string][];
}
