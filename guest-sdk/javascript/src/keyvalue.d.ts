import type { Body } from "./body.js";
import type { JsonValue } from "./event.js";

/**
 * The value of a key, or undefined: `keyvalue.get("motd")?.text()`.
 *
 * The store is the plugin's own. The operator grants it with `[plugins.capabilities.keyvalue]`; otherwise every function
 * throws a `HostError` of kind `not-permitted`. It survives traps and reloads; with `persist = "disk"` also restarts.
 */
export function get(key: string): Body | undefined;

/** Set a value: text, bytes, or any other value, which becomes JSON. A key is at most 1 KiB. */
export function set(key: string, value: JsonValue | Uint8Array): void;

/** Delete a key. A missing key is ignored. */
export function remove(key: string): void;

/** Whether a key exists. */
export function exists(key: string): boolean;

/** All keys, sorted. */
export function keys(): string[];

/** Add to a number stored as decimal text; a missing key counts as 0. Returns the sum. */
export function increment(key: string, delta?: number): number;
