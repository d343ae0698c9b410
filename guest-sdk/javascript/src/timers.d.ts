/** The id of a timer. Plain data: it can be saved, and stays valid after a reload. */
export type TimerId = number;

/**
 * Call `onTimer` once with `token` (at most 1 KiB) after this many milliseconds, at least 1. A plugin has at most 1,000 timers.
 * They are handed over when the plugin is replaced; a timer set in `init` replaces a previous one with the same token.
 */
export function after(delayMs: number, token: string): TimerId;

/** Call `onTimer` with `token` at this interval in milliseconds, until it is cancelled. */
export function every(periodMs: number, token: string): TimerId;

/** Cancel a timer. False if it has already ended. */
export function cancel(timer: TimerId): boolean;
