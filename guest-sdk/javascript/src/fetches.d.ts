import type { Connection } from "./connection.js";
import type { JsonValue } from "./event.js";
import type { Headers } from "./response.js";

/** The id of a fetch. Plain data: it can be saved, and stays valid after a reload. */
export type FetchId = number;

/** The request to make. */
export interface Outgoing {
  /** The absolute URL, for example `https://api.example.org/v1/chat`. */
  url: string;
  /** `GET` by default. */
  method?: string;
  /** Headers to send. The host refuses those that it controls itself, such as `content-length`. */
  headers?: Headers;
  body?: string | Uint8Array;
  /** Instead of `body`: sent as JSON, with its content type. */
  json?: JsonValue;
  /**
   * The connection that the answer is for. The host reads the answer no faster than this connection takes what the plugin
   * sends to it. The fetch ends when the connection does.
   */
  connection?: Connection | string | undefined;
  /** The time limit for the whole fetch, in milliseconds. The operator's limit applies if it is shorter. */
  timeoutMs?: number | undefined;
}

/**
 * Start an HTTP request and return. The answer arrives in chunks through the hooks `onResponse`, `onChunk` and `onEnd`, with
 * `token` (at most 1 KiB), between other calls. A URL alone is a GET.
 *
 * The operator grants hosts with `[plugins.capabilities.http]`. Failures after the start are reported to `onEnd`. Fetches are
 * handed over when the plugin is replaced: the new version gets the rest of the answer.
 */
export function start(request: Outgoing | string, token: string): FetchId;

/** Cancel a fetch. None of its hooks is called afterwards, not even `onEnd`. False if it has already ended. */
export function cancel(fetch: FetchId): boolean;
