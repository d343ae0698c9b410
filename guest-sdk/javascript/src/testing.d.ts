import type { Body } from "./body.js";
import type { Connection } from "./connection.js";
import type { Event } from "./event.js";
import type { FetchFailure } from "./fetched.js";
import type { FetchId } from "./fetches.js";
import type { DisconnectReason, Plugin } from "./hooks.js";

/** A request's head: its path with the query, or more. */
export type FakeRequest = string | { url: string; headers?: Record<string, string>; peer?: string; lastEventId?: string };

/** An event as a client has received it; what was not set is not there. */
export interface ReceivedEvent {
  data: string;
  event?: string;
  id?: string;
  retryMs?: number;
}

/** A fetch that is under way. */
export interface StartedFetch {
  readonly id: FetchId;
  readonly token: string;
  readonly url: string;
  readonly method: string;
  readonly headers: Record<string, string>;
  readonly body: string | Uint8Array;
  readonly connection?: string;
  readonly timeoutMs?: number;
}

/**
 * A plugin, and a hub for it to run on, in the test's own process.
 *
 * It applies the rules of the contract, and calls the hooks in the order in which the host does. Its clock stands still until
 * it is told to go on. Host functions work in the test itself too, on the hub that was used last.
 */
export class FakeHub {
  private constructor();

  /** Start a hub and, on it, the plugin. Throws what `init` throws. */
  static start(plugin: Plugin, options?: { config?: Record<string, string | number | boolean> }): Promise<FakeHub>;

  /** A client asks for a stream (`/sse`). Throws the plugin's `Rejection`. */
  connect(request?: FakeRequest): Promise<Connection>;

  /** A stream ends. Nothing happens when it has ended before. */
  disconnect(connection: Connection, reason?: DisconnectReason): Promise<void>;

  /** A client sends a message, naming its stream or not. An object is sent as JSON. */
  message(
    connection: Connection | undefined,
    body: string | Uint8Array | object,
    request?: FakeRequest,
  ): Promise<{ status: number; headers: Record<string, string>; body: string | Uint8Array; json(): any }>;

  /** Somebody outside wants a connection in a room. Throws the plugin's refusal. */
  join(connection: Connection, room: string): Promise<void>;

  /** Somebody outside takes a connection out of a room. */
  leave(connection: Connection, room: string): Promise<void>;

  /** An event is published through the API. Answers the number of receivers, and throws the plugin's refusal. */
  publish(room: string, event: Event): Promise<number>;

  /** Let time pass: the timers that fall due fire, in their order. */
  advance(milliseconds: number): Promise<void>;

  /** The fetches that are under way, in the order in which they were started. The test answers them. */
  fetches(): StartedFetch[];

  /** The head of a fetch's answer has come: `onResponse`. */
  respond(fetch: StartedFetch, head?: { status?: number; headers?: Record<string, string> }): Promise<void>;

  /** A piece of its body has come: `onChunk`; after a head with status 200, if there was none. */
  chunk(fetch: StartedFetch, content: string | Uint8Array): Promise<void>;

  /** The answer is there as a whole, or nothing more will come: `onEnd`. */
  end(fetch: StartedFetch, failure?: { kind: FetchFailure["kind"]; reason?: string; limit?: string }): Promise<void>;

  /**
   * Reload: `save`, `init`, `restore`, with the timers and the fetches of the old instance. Answers what was saved. The variables of your
   * module stay as they are, since it is loaded once: assign all of them in `restore`.
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

  /** How many timers are set. */
  timers(): number;

  /** Set a value of the configuration. */
  configure(key: string, value: string | number | boolean): void;
}
