/** The value of a key of `[plugins.config]` in roomcast.toml; undefined when it is not set. */
export function get(key: string): string | undefined;

/** All keys with their values. */
export function all(): Record<string, string>;

/** The value as a number. Throws an error that names key and value, fit to be thrown on by `init`. */
export function number(key: string): number | undefined;

/** The value as a switch: `true` or `false`. Throws as `number` does. */
export function boolean(key: string): boolean | undefined;

/** The value as whatever `read` makes of it; what `read` throws is thrown with key and value in front. */
export function parse<T>(key: string, read: (value: string) => T): T | undefined;
