import type { JsonValue } from "./event.js";

/**
 * Headers to send. The host refuses those that it controls itself, such as `content-length`; but `connection: close` closes an
 * HTTP/1 connection after the answer. Without `content-type`, text is sent as `text/plain`, bytes that are not UTF-8 as
 * `application/octet-stream`.
 */
export type Headers = Record<string, string | number> | [name: string, value: string][];

/** The answer to a message: text or bytes (status 200), or an object. */
export type Answer =
  | string
  | Uint8Array
  | {
      /** 200 to 599; 200 by default. */
      status?: number;
      headers?: Headers;
      body?: string | Uint8Array;
    }
  | {
      status?: number;
      headers?: Headers;
      /** Sent as JSON, with its content type. */
      json: JsonValue;
    };

/** No answer: the next plugin of the chain gets the message. `return PASS`. */
export const PASS: unique symbol;
