/// <reference path="./node-test.d.ts" />
import type { Body } from "./body.js";
import type { Connection } from "./connection.js";
import type { Event } from "./event.js";
import type { FetchFailure } from "./fetched.js";
import type { FetchId } from "./fetches.js";
import type { DisconnectReason, Plugin } from "./hooks.js";

/** A request's head: its path with the query, or an object. */
export type FakeRequest = string | { url: string; headers?: Record<string, string>; peer?: string; lastEventId?: string };

/** An event as a client has received it; fields that were not set are absent. */
export interface ReceivedEvent {
  data: string;
  event?: string;
  id?: string;
  retryMs?: number;
}

/** The answer to a message. */
export interface Answered {
  status: number;
  headers: Record<string, string>;
  /** Text if it is UTF-8. */
  body: string | Uint8Array;
  json(): any;
  /** Whether the plugin has passed the message on, with `PASS`; the answer is then that of the host, status 404. */
  hasPassed: boolean;
}

/** A fetch in flight. */
export interface StartedFetch {
  readonly id: FetchId;
  readonly token: string;
  readonly url: string;
  readonly method: string;
  readonly headers: Record<string, string>;
  /** Text if it is UTF-8. */
  readonly body: string | Uint8Array;
  readonly connection?: string;
  readonly timeoutMs?: number;
}

/**
 * A plugin, and the fake hub that it runs on, in the test's own process.
 *
 * It applies the rules of the contract and calls the hooks in the same order as the host. Time stands still, also for `Date` and
 * `performance.now` of this process, and moves in `advance`.
 * Host functions work in the test itself too, on the hub that was used last.
 */
export class FakeHub {
  private constructor();

  /**
   * Start a hub and the plugin on it. Throws what `init` throws. `now` is what `Date.now()` says at the start, by default the real
   * time.
   */
  static start(plugin: Plugin, options?: { config?: Record<string, string | number | boolean>; now?: Date | number }): Promise<FakeHub>;

  /** A client requests a stream (`/sse`). Throws the plugin's `Rejection`. */
  connect(request?: FakeRequest): Promise<Connection>;

  /** A stream ends. No effect if it has already ended. */
  disconnect(connection: Connection, reason?: DisconnectReason): Promise<void>;

  /** A client sends a message, naming its stream or not. An object is sent as JSON. A rejection is an answer, too. */
  message(
    connection: Connection | undefined,
    body: string | Uint8Array | object,
    request?: FakeRequest,
  ): Promise<Answered>;

  /** A connection joins a room from outside, as through the API. Throws the plugin's `Rejection`. */
  join(connection: Connection, room: string): Promise<void>;

  /** A connection is removed from a room from outside, as through the API. */
  leave(connection: Connection, room: string): Promise<void>;

  /** An event is published through the API. Returns the number of receivers, and throws the plugin's `Rejection`. */
  publish(room: string, event: Event): Promise<number>;

  /** Advance the clock; due timers fire in order. */
  advance(milliseconds: number): Promise<void>;

  /** The fetches in flight, in the order in which they were started. The test answers them. */
  fetches(): StartedFetch[];

  /** The head of a fetch's answer arrives: `onResponse`. */
  respond(fetch: StartedFetch, head?: { status?: number; headers?: Record<string, string> }): Promise<void>;

  /** A chunk of its body arrives: `onChunk`; preceded by a head with status 200 if there was none. */
  chunk(fetch: StartedFetch, content: string | Uint8Array): Promise<void>;

  /** The answer is complete, or the fetch fails: `onEnd`. */
  end(fetch: StartedFetch, failure?: { kind: FetchFailure["kind"]; reason?: string; key?: string }): Promise<void>;

  /**
   * Reload: `save`, `init`, `restore`, with the timers and fetches of the previous instance. Returns the saved state. The
   * variables of your module keep their values, since it is loaded only once: assign all of them in `restore`.
   */
  reload(): Promise<Body | undefined>;

  /** Take the events that a connection has received since the last call. Works after its end too. */
  received(connection: Connection): ReceivedEvent[];

  /** Take the comments that a connection has received since the last call. */
  comments(connection: Connection): string[];

  /** Take the broadcasts made since the last call. */
  broadcasts(): { rooms: string[]; event: ReceivedEvent; deliveries: number }[];

  /** Take the log records written since the last call; those of `console` are the test's own output. */
  logs(): { level: string; context: string; message: string }[];

  /** The rooms that exist, sorted. */
  rooms(): string[];

  /** The number of timers that are set. */
  timers(): number;

  /** Set a value of the configuration. */
  configure(key: string, value: string | number | boolean): void;
}
