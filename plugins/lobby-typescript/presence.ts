// Who has come and gone, gathered for a moment and told once.
//
// Telling each arrival to everybody would cost the square of their number: a room that 10,000 people enter would send 50
// million events. So the first change starts a timer, and when it fires every changed room gets one event, of a bounded
// size.
import { hub, timers } from "roomcast";

/** How long changes are gathered, in milliseconds. */
export const GATHER = 250;
/** How many names each list of an event has. */
const MAX_NAMES = 20;

export interface Change {
  joined: string[];
  left: string[];
  more: number;
}

/** What has changed in which room since the last telling. */
export class Presence {
  /** Whether the timer runs. A new instance begins without one. */
  #running = false;
  #changes: Map<string, Change>;

  constructor(changes: Record<string, Change> = {}) {
    this.#changes = new Map(Object.entries(changes));
  }

  /** Note that somebody has come into a room. */
  joined(room: string, name: string): void {
    const change = this.#change(room);
    change.more += note(name, change.joined, change.left);
  }

  /** Note that somebody has left a room. */
  left(room: string, name: string): void {
    const change = this.#change(room);
    change.more += note(name, change.left, change.joined);
  }

  /** Tell every changed room, once. */
  tell(): void {
    this.#running = false;
    const changes = [...this.#changes].sort(([one], [two]) => (one < two ? -1 : 1));
    this.#changes = new Map();
    for (const [room, { joined, left, more }] of changes) {
      if (joined.length === 0 && left.length === 0 && more === 0) continue;
      try {
        hub.broadcast(room, { event: "presence", data: { room, count: hub.count(room), joined, left, more } });
      } catch (why) {
        console.warn(`room ${room} was not told who has come and gone: ${why}`);
      }
    }
  }

  /** Start the timer if there is something to tell and it does not run. */
  startTimer(): void {
    if (this.#running || this.#changes.size === 0) return;
    try {
      timers.after(GATHER, "presence");
      this.#running = true;
    } catch (why) {
      console.warn(`presence waits for the next change: ${why}`);
    }
  }

  toJSON(): { changes: Record<string, Change> } {
    return { changes: Object.fromEntries(this.#changes) };
  }

  #change(room: string): Change {
    const change = this.#changes.get(room) ?? { joined: [], left: [], more: 0 };
    this.#changes.set(room, change);
    this.startTimer();
    return change;
  }
}

/**
 * Note a name in one list; somebody who has come and gone in between, or the other way round (a reconnect), has not changed
 * anything. Answers how many names were left out: 0 or 1.
 */
function note(name: string, list: string[], opposite: string[]): number {
  const position = opposite.indexOf(name);
  if (position >= 0) opposite.splice(position, 1);
  else if (list.length < MAX_NAMES) list.push(name);
  else return 1;
  return 0;
}
