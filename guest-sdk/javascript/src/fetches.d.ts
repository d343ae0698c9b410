import type { Connection } from "./connection.js";
import type { JsonValue } from "./event.js";
import type { Headers } from "./response.js";

/** A fetch that was started. Plain data: it may be saved, and stays valid after a reload. */
export type FetchId = number;

/** What is asked of whom. */
export interface Outgoing {
  /** The whole address, for example `https://api.example.org/v1/chat`. */
  url: string;
  /** `GET` when it is left out. */
  method?: string;
  /** Headers to send. The host refuses those that govern the connection, such as `content-length`. */
  headers?: Headers;
  body?: string | Uint8Array;
  /** In place of `body`: goes out as JSON, with the content type for it. */
  json?: JsonValue;
  /**
   * The connection that the answer is for. The answer is read no faster than this connection takes what it is sent, and the
   * fetch ends when the connection does.
   */
  connection?: Connection | string | undefined;
  /** How long it may take in all, in milliseconds. The operator's bound holds if it is shorter. */
  timeoutMs?: number | undefined;
}

/**
 * Start a request by HTTP, and return: the answer comes to the hooks `onResponse`, `onChunk` and `onEnd`, piece by piece and with
 * `token` (at most 1 KiB), while everything else goes on. For a URL alone, a GET.
 *
 * The operator grants hosts with `[plugins.capabilities.http]`. What goes wrong after the start comes to `onEnd`. Fetches go on
 * when the plugin is replaced: the new version gets what is still to come.
 */
export function start(request: Outgoing | string, token: string): FetchId;

/** Break a fetch off. Nothing of it comes any more, and no `onEnd`. False when there is none with this id (any more). */
export function cancel(fetch: FetchId): boolean;
