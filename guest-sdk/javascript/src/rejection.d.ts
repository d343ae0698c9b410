import type { Headers } from "./response.js";

/**
 * Saying no: `throw new Rejection(403, "members only")`.
 *
 * In `onConnect` and `onMessage` it is the answer, with status, text and headers; in `onJoin` and `onPublish` its text is.
 */
export class Rejection extends Error {
  /**
   * The status is 204, which tells a browser not to come back, or 400 to 599; a browser gives up at any of them. With 401
   * belongs the header `www-authenticate`, with 429 and 503 `retry-after`.
   */
  constructor(status: number, message?: string, headers?: Headers);

  readonly status: number;
  readonly headers: [name: string, value: string][];
}
