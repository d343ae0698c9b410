/** A timer that was set. Plain data: it may be saved, and stays valid after a reload. */
export type TimerId = number;

/**
 * Have `onTimer` called once with `token` (at most 1 KiB) after so many milliseconds, at least 1. A plugin has at most 1,000
 * timers at once. They go on when the plugin is replaced; one that is set again in `init`, with the same token, takes the
 * place of the old one.
 */
export function after(delayMs: number, token: string): TimerId;

/** Have `onTimer` called with `token` every so many milliseconds, until it is cancelled. */
export function every(periodMs: number, token: string): TimerId;

/** Take a timer back. False when there is none with this id (any more). */
export function cancel(timer: TimerId): boolean;
