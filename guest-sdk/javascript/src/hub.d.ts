import type { Connection } from "./connection.js";
import type { Event } from "./event.js";

/**
 * Send an event to every member of a room, except one if wished. All members see one order. Answers the number of
 * receivers; 0 for a room that does not exist.
 */
export function broadcast(room: string, event: Event, options?: { except?: Connection | string | undefined }): number;

/** As `broadcast`, to several rooms (at most 1,000). Answers the number of deliveries. */
export function broadcastMany(
  rooms: readonly string[],
  event: Event,
  options?: {
    except?: Connection | string | undefined;
    /** What a connection gets that is in several of the rooms: the event once (`drop`, the default), or once for each. */
    duplicates?: "drop" | "keep";
  },
): number;

/** A part of a room's members. */
export interface Members {
  /** The members; their order changes when one leaves. */
  members: Connection[];
  /** How many the room has in all. */
  total: number;
}

/** The members of a room, page by page: from `offset` (0), at most `limit` (1000, which is also the most). */
export function members(room: string, page?: { offset?: number; limit?: number }): Members;

/** How many members a room has. */
export function count(room: string): number;
