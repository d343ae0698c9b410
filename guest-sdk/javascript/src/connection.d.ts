import type { Event } from "./event.js";

/**
 * One open event stream.
 *
 * There may be several objects for one stream: as a key of a `Map`, use `connection.id`. All methods throw a `HostError`
 * of kind `no-such-connection` once the stream has ended, and `closed` while it is being closed.
 */
export class Connection {
  /** The connection of this id, for example out of a saved state. Does not ask whether it is open. */
  constructor(id: string);

  /**
   * A UUID as text. It may be stored and sent to the client, and stays valid when the plugin is replaced. Whoever knows it
   * may post messages in the connection's name: treat it like a session token.
   */
  readonly id: string;

  /** Send an event to this connection. In `onConnect` it is kept, and goes out right after the stream's head. */
  send(event: Event): void;

  /** Send a comment, which page code cannot see. No line breaks. */
  comment(text: string): void;

  /** End the connection after what was sent to it before. `onDisconnect` follows, with `plugin-closed`. */
  close(): void;

  /** Whether the connection is open. */
  isOpen(): boolean;

  /** Put the connection into a room, which comes into being with its first member. A name is 1 to 256 bytes long. */
  join(room: string): void;

  /** Take the connection out of a room; nothing happens when it is not in it. */
  leave(room: string): void;

  /** The rooms that the connection is in, the auto-join room among them. */
  rooms(): string[];

  /**
   * A text of yours on the connection, at most 1 KiB: set it, read it, or take it off with `undefined`. All plugins of the
   * chain, and the API, see the same. It goes when the connection goes; `onDisconnect` can still read it.
   */
  get tag(): string | undefined;
  set tag(tag: string | undefined | null);

  /** The id. */
  toString(): string;

  /** The id, so that a connection can be part of JSON. */
  toJSON(): string;
}
