import type { JsonValue } from "./event.js";

/** Headers to send. The host refuses those that govern the connection, such as `content-length`. */
export type Headers = Record<string, string | number> | [name: string, value: string][];

/** The answer to a message: text or bytes (status 200), or all of it. */
export type Answer =
  | string
  | Uint8Array
  | {
      /** 200 to 599; 200 when it is left out. */
      status?: number;
      headers?: Headers;
      body?: string | Uint8Array;
    }
  | {
      status?: number;
      headers?: Headers;
      /** Goes out as JSON, with the content type for it. */
      json: JsonValue;
    };

/** Not an answer: the next plugin of the chain is asked. `return PASS`. */
export const PASS: Readonly<{ status: 100 }>;
