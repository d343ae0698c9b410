import type { Connection } from "./connection.js";
import type { Event } from "./event.js";
import type { StateOf } from "./state.js";

/**
 * Send an event to all members of a room, optionally except one. All members see events in the same order. Returns the number
 * of receivers; 0 if the room does not exist.
 */
export function broadcast(room: string, event: Event, options?: { except?: Connection | string | undefined }): number;

/** Like `broadcast`, to several rooms (at most 1,000). Returns the number of deliveries. */
export function broadcastMany(
  rooms: readonly string[],
  event: Event,
  options?: {
    except?: Connection | string | undefined;
    /** For members of several of the rooms: `drop` (the default) sends the event once, `keep` once for each room. */
    duplicates?: "drop" | "keep";
  },
): number;

/** One page of a room's members. */
export interface Members {
  /** The members, in no particular order. */
  members: Connection[];
  /** The number of members in the room. */
  total: number;
  /** Where the next page begins: `hub.members(room, { at: next })`. Undefined after the last page. */
  next: number | undefined;
}

/**
 * The members of a room, page by page: from `at`, which is the `next` of the page before, at most `limit` (1 to 1000, by default
 * 1000). A member that stays in the room from the first page to the last is never left out; it may appear twice if others leave
 * between two pages.
 */
export function members(room: string, page?: { at?: number | undefined; limit?: number }): Members;

/** All members of a room, one by one and each once: `for (const member of hub.allMembers("tea"))`. */
export function allMembers(room: string): Generator<Connection, void, undefined>;

/** A room by its name. */
export interface Room {
  readonly name: string;

  /**
   * What the plugin keeps about the room: any value that JSON has; undefined if there is none. The SDK saves it and hands it to the
   * next instance. It goes with the room's last member, after `onLeave`; a room without members has none, and setting it throws an
   * error. `States` gives it a type.
   */
  get state(): StateOf<"room"> | undefined;
  set state(state: StateOf<"room"> | undefined);
}

/** A room by its name: `hub.room("tea").state = { votes: 3 }`. */
export function room(name: string): Room;

/** The number of members in a room. */
export function count(room: string): number;
