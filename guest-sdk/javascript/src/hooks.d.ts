import type { Body } from "./body.js";
import type { Connection } from "./connection.js";
import type { Event, JsonValue, PublishedEvent } from "./event.js";
import type { FetchFailure, ResponseHead } from "./fetched.js";
import type { Request } from "./request.js";
import type { Answer, PASS } from "./response.js";

/** Why a connection ended. */
export type DisconnectReason =
  /** The client closed it, or its network failed. */
  | "client-closed"
  /** A plugin closed it. */
  | "plugin-closed"
  /** An operator closed it through the API. */
  | "operator-closed"
  /** Its outbox was full. */
  | "slow-consumer"
  /** It accepted no bytes for longer than the write timeout. */
  | "write-timeout"
  /** It sent more bytes after its request than the host allows. */
  | "unexpected-input"
  /** A later plugin of the chain rejected it. */
  | "rejected"
  /** The server is shutting down. */
  | "server-shutdown"
  /** Its request was answered completely. Not sent yet. */
  | "answered"
  /** Its token expired. Not sent yet. */
  | "token-expired"
  /** Its token was revoked. Not sent yet. */
  | "revoked"
  /** It reached the maximum age of a stream. Not sent yet. */
  | "max-age"
  /** A value that this version does not name. */
  | "other";

/** Where an event comes from. */
export interface Origin {
  /** `api`: the HTTP API; `from` is the publisher's address. `other`: an origin that this version does not name; `from` names it. */
  kind: "api" | "other";
  from: string;
}

type Maybe<T> = T | Promise<T>;

/**
 * The hooks. Write those that you need. Hooks that you leave out are not exported, and cost nothing.
 *
 * Calls are serial. A hook may be `async`; its call ends when its promise is settled. What shall happen later is a callback of
 * `setTimeout`. A `Rejection` is the answer. Any other exception is the plugin's fault, also a `HostError`: it is logged with its location,
 * the client gets status 500 (503 if a limit was reached) without the text, and the instance keeps running.
 */
export interface Plugin {
  /**
   * Called once per instance, before any other hook: read the configuration, set timers. An exception makes the load fail; its
   * text is reported to the operator. At a reload this runs while the previous version is still serving, so do not broadcast.
   */
  init?(): Maybe<void>;

  /**
   * A client requests a stream. Called before the response's head is sent; events sent to the connection from here follow it.
   * Throw a `Rejection` to reject the client.
   */
  onConnect?(connection: Connection, request: Request): Maybe<void>;

  /**
   * A stream has ended. Called exactly once for each connection that this plugin accepted. The connection has left all its
   * rooms and takes no more events; its tag can still be read.
   */
  onDisconnect?(connection: Connection, reason: DisconnectReason): Maybe<void>;

  /** A client or the API requests a join. Throw a `Rejection` to refuse it. */
  onJoin?(connection: Connection, room: string): Maybe<void>;

  /** A connection has left a room, either through the API or because it ended. In the second case `onDisconnect` follows. */
  onLeave?(connection: Connection, room: string): Maybe<void>;

  /**
   * An event is published from outside. Return nothing to forward it, or another event to replace it. Throw a `Rejection` to
   * refuse it. The next plugin of the chain gets this one's rewrite.
   */
  onPublish?(room: string, event: PublishedEvent, origin: Origin): Maybe<void | Event>;

  /**
   * A client has posted a message. `connection` is set if the client named its stream and that stream is open. Return nothing
   * (202), or an answer; throw a `Rejection` for an error. `return PASS` passes the message on to the next plugin.
   */
  onMessage?(connection: Connection | undefined, request: Request, body: Body): Maybe<void | Answer | typeof PASS>;

  /** A timer has fired; `token` is the one that was passed when it was set. */
  onTimer?(token: string): Maybe<void>;

  /** The head of a fetch's answer has arrived. Called once per fetch, before its chunks. `token` is the fetch's token. */
  onResponse?(token: string, response: ResponseHead): Maybe<void>;

  /**
   * A chunk of a fetch's answer has arrived, at most 64 KiB. Chunks never split a character, but may split lines and events: see
   * `EventReader`.
   */
  onChunk?(token: string, chunk: Body): Maybe<void>;

  /** A fetch has ended: its answer is complete, or it failed and `failure` says why. Not called after `cancel`. */
  onEnd?(token: string, failure: FetchFailure | undefined): Maybe<void>;

  /**
   * Returns the state for the next instance: text, bytes, or any other value, which becomes JSON. At most 16 MiB. The instance
   * may continue to serve afterwards. Without this hook a new version starts without state; timers are handed over in any
   * case. An exception refuses the new version, and its text is reported to the operator. Requires `restore`.
   */
  save?(): Maybe<JsonValue | Uint8Array>;

  /**
   * Takes over the state of the previous instance, which may be of another version, older or newer. Called after `init`. An
   * exception refuses the new version; its text is reported to the operator, and the previous version keeps serving.
   */
  restore?(state: Body): Maybe<void>;

  /**
   * Called with an uncaught exception of a hook, instead of logging it. Not a hook of the contract. Throw from here to end the
   * instance: a new one replaces it, and the failure counts towards a rollback.
   */
  onError?(error: unknown, hook: string): void;
}

/**
 * A plugin: `export default definePlugin({ onConnect(connection, request) { ... } })`.
 *
 * State lives in variables of your module. Code outside the hooks runs once, when the plugin is built, without a server,
 * configuration, current time or randomness. Do such things in `init`.
 */
export function definePlugin(plugin: Plugin): Plugin;
