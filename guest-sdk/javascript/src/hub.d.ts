import type { Connection } from "./connection.js";
import type { Event } from "./event.js";

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
  /** The members. Their order changes when one leaves. */
  members: Connection[];
  /** The number of members in the room. */
  total: number;
}

/** The members of a room, page by page: from `offset` (default 0), at most `limit` (default and maximum 1000). */
export function members(room: string, page?: { offset?: number; limit?: number }): Members;

/** The number of members in a room. */
export function count(room: string): number;
