import type { Body } from "./body.js";
import type { JsonValue } from "./event.js";

/**
 * The value of a key, or undefined: `keyvalue.get("motd")?.text()`.
 *
 * The store is the plugin's own. The operator grants it with `[plugins.capabilities.keyvalue]`; without that every function
 * throws a `HostError` of kind `not-permitted`. It survives traps and reloads, and with `persist = "disk"` restarts.
 */
export function get(key: string): Body | undefined;

/** Set a value: text, bytes, or anything else, which becomes JSON. A key is at most 1 KiB long. */
export function set(key: string, value: JsonValue | Uint8Array): void;

/** Take a key out. Nothing happens when it is not there. */
export function remove(key: string): void;

/** Whether a key is there. */
export function exists(key: string): boolean;

/** All keys, sorted. */
export function keys(): string[];

/** Add to a number, which is kept as decimal text; a key that is not there counts as 0. Answers the sum. */
export function increment(key: string, delta?: number): number;
