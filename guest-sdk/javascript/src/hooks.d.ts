import type { Body } from "./body.js";
import type { Connection } from "./connection.js";
import type { Event, JsonValue, PublishedEvent } from "./event.js";
import type { FetchFailure, ResponseHead } from "./fetched.js";
import type { Request } from "./request.js";
import type { Answer } from "./response.js";

/** Why a connection ended. */
export type DisconnectReason =
  /** The client closed it, or its network failed. */
  | "client-closed"
  /** A plugin closed it. */
  | "plugin-closed"
  /** An operator closed it through the API. */
  | "operator-closed"
  /** More was waiting for it than its outbox may hold. */
  | "slow-consumer"
  /** It took no bytes for longer than the write time-out. */
  | "write-timeout"
  /** It sent more bytes after its request than a stream may. */
  | "unexpected-input"
  /** A later plugin of the chain rejected it. */
  | "rejected"
  /** The server is shutting down. */
  | "server-shutdown"
  /** Something that this version has no name for. */
  | "other";

/** Where an event comes from. */
export interface Origin {
  /** `api`: the HTTP API, and `from` is the publisher's address. `other`: something newer, which `from` names. */
  kind: "api" | "other";
  from: string;
}

type Maybe<T> = T | Promise<T>;

/**
 * The hooks. Write those that you need: one that you leave out is not exported, and costs nothing.
 *
 * The host calls them one after the other, never two at once. A hook may be `async`, but its call ends when it is done:
 * nothing goes on in the background. What it throws, other than a `Rejection` or a `HostError`, is a fault of the plugin:
 * it is in the log with its place, the client gets status 500, and the plugin goes on.
 */
export interface Plugin {
  /**
   * Once for each instance, before any other hook: read the configuration, set timers. What it throws refuses the load, and
   * its text is shown. When a new version is loaded this runs while the old one still serves, so broadcast nothing.
   */
  init?(): Maybe<void>;

  /**
   * A client wants a stream. Called before the response's head goes out; what is sent to the connection here follows right
   * after it. Throw a `Rejection` to turn the client away.
   */
  onConnect?(connection: Connection, request: Request): Maybe<void>;

  /**
   * A stream has ended; exactly once for every connection that this plugin has accepted. The connection is in no room any
   * more and takes no events; its tag can still be read.
   */
  onDisconnect?(connection: Connection, reason: DisconnectReason): Maybe<void>;

  /** Somebody other than a plugin puts a connection into a room. Throw a `Rejection` to refuse; its text is the answer. */
  onJoin?(connection: Connection, room: string): Maybe<void>;

  /** A connection has left a room, because of the API or because it ended (then before `onDisconnect`). */
  onLeave?(connection: Connection, room: string): Maybe<void>;

  /**
   * An event is published from outside. Return nothing to let it pass, another event to replace it, or throw a
   * `Rejection`, whose text is the answer to the publisher. The next plugin of the chain sees what this one made of it.
   */
  onPublish?(room: string, event: PublishedEvent, origin: Origin): Maybe<void | Event>;

  /**
   * A client has posted a message: the way up. `connection` is set when the client named its stream, and is then known to be
   * open. Return nothing (202), or an answer; throw a `Rejection` for an error. `return PASS` asks the next plugin.
   */
  onMessage?(connection: Connection | undefined, request: Request, body: Body): Maybe<void | Answer>;

  /** A timer has fired; `token` is what it was set with. */
  onTimer?(token: string): Maybe<void>;

  /** The head of a fetch's answer has come; once for each, before its pieces. `token` is what the fetch was started with. */
  onResponse?(token: string, response: ResponseHead): Maybe<void>;

  /**
   * A piece of a fetch's answer has come, at most 64 KiB of it. It is text whenever it is UTF-8, and a character is never cut
   * in two; lines and events may be. See `EventReader`.
   */
  onChunk?(token: string, chunk: Body): Maybe<void>;

  /** A fetch is over: its answer is there as a whole, or `failure` says why nothing more will come. Not after `cancel`. */
  onEnd?(token: string, failure: FetchFailure | undefined): Maybe<void>;

  /**
   * The state that a new instance takes over: text, bytes, or any value, which becomes JSON. At most 16 MiB. The instance
   * may go on afterwards. Without it a new version starts from nothing; timers go on by themselves. Needs `restore`.
   */
  save?(): Maybe<JsonValue | Uint8Array>;

  /**
   * Take over what an instance before has saved; it may be of another version, an older or a newer one. Called after
   * `init`. What it throws refuses the new version, and its text is shown; the old one goes on.
   */
  restore?(state: Body): Maybe<void>;

  /**
   * What a hook has thrown and nobody has caught, in place of the log. No hook of the contract. Throw from here to end the
   * instance: it is replaced by a fresh one, and counted, so that a version that fails too often is rolled back.
   */
  onError?(error: unknown, hook: string): void;
}

/**
 * A plugin: `export default definePlugin({ onConnect(connection, request) { ... } })`.
 *
 * State lives in variables of your module. Code outside of the hooks runs once, when the plugin is built; there is no server
 * then, no configuration, and no time or randomness that would be of use. Do that in `init`.
 */
export function definePlugin(plugin: Plugin): Plugin;
