// The plugin's own settings: the table `[plugins.config]` of its entry in roomcast.toml.
import * as host from "#host";
import { text } from "./arguments.js";

export function get(key) {
  return host.config(text(key, "the key")) ?? undefined;
}

export function all() {
  return Object.fromEntries(host.configAll());
}

export function number(key) {
  return parse(key, (value) => {
    const found = value.trim() === "" ? NaN : Number(value);
    if (Number.isNaN(found)) throw new Error("is not a number");
    return found;
  });
}

export function boolean(key) {
  return parse(key, (value) => {
    if (value !== "true" && value !== "false") throw new Error("is neither true nor false");
    return value === "true";
  });
}

export function parse(key, read) {
  const value = get(key);
  if (value === undefined) return undefined;
  try {
    return read(value);
  } catch (error) {
    throw new Error(`config \`${key}\` = ${JSON.stringify(value)}: ${error.message}`, { cause: error });
  }
}
