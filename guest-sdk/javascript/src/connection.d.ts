import type { Event } from "./event.js";
import type { StateOf } from "./state.js";

/**
 * One open event stream.
 *
 * There may be several objects for one stream, so use `connection.id` as the key of a `Map`. All methods throw a `HostError`:
 * of kind `closed` while the stream is closing, of kind `no-such-connection` after that.
 */
export class Connection {
  /**
   * The connection with this id, for example from a saved state. Does not check whether it is open. Throws a `TypeError` if the
   * text is not a UUID.
   */
  constructor(id: string);

  /**
   * A UUID as text, in lower case. It may be stored and sent to the client, and stays valid when the plugin is replaced. Anyone who knows it
   * can post messages as this connection, so treat it like a session token.
   */
  readonly id: string;

  /** Send an event to this connection. In `onConnect` it is queued, and sent right after the stream's head. */
  send(event: Event): void;

  /** Send a comment, which scripts in a page cannot see. No line breaks. */
  comment(text: string): void;

  /** Close the connection after everything sent to it before. `onDisconnect` follows, with `plugin-closed`. */
  close(): void;

  /** Whether the connection is open. */
  isOpen(): boolean;

  /** Add the connection to a room, creating the room if needed. A name is 1 to 256 bytes long. */
  join(room: string): void;

  /** Remove the connection from a room. No effect if it is not a member. */
  leave(room: string): void;

  /** The connection's rooms, including the auto-join room. */
  rooms(): string[];

  /**
   * The connection's tag, a text of at most 1 KiB: read it, set it, or remove it with `undefined`. The API and all plugins of
   * the chain share this one tag. It lasts as long as the connection; `onDisconnect` can still read it.
   */
  get tag(): string | undefined;
  set tag(tag: string | undefined | null);

  /**
   * What the plugin keeps about the connection: any value that JSON has; undefined if there is none. The SDK saves it and hands it
   * to the next instance, and removes it after `onDisconnect`. What you change inside of the value counts, too. Setting it throws a
   * `HostError` if the connection is not open. `States` gives it a type.
   */
  get state(): StateOf<"connection"> | undefined;
  set state(state: StateOf<"connection"> | undefined);

  /** The id. */
  toString(): string;

  /** The id, so that a connection can be part of JSON. */
  toJSON(): string;
}
