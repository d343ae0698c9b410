/** The value of a key of `[plugins.config]` in roomcast.toml; undefined if it is not set. */
export function get(key: string): string | undefined;

/** All keys with their values. */
export function all(): Record<string, string>;

/** The value as a number. Throws an error that names key and value; `init` need not catch it. */
export function number(key: string): number | undefined;

/** The value as a boolean: `true` or `false`. Throws like `number`. */
export function boolean(key: string): boolean | undefined;

/** The value, parsed by `read`. Errors that `read` throws are rethrown, prefixed with key and value. */
export function parse<T>(key: string, read: (value: string) => T): T | undefined;
