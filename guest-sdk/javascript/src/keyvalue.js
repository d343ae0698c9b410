// The plugin's own store, if the operator has granted it.
import * as store from "#store";
import { text } from "./arguments.js";
import { stored, toBytes } from "./body.js";
import { HostError } from "./host-error.js";
import { show } from "./show.js";

export function get(key) {
  const value = ask(store.get, name(key));
  return value === undefined || value === null ? undefined : stored(value, `the value of \`${key}\``);
}

export function set(key, value) {
  ask(store.set, name(key), toBytes(value, "the value"));
}

export function remove(key) {
  ask(store.remove, name(key));
}

export function exists(key) {
  return ask(store.exists, name(key));
}

export function keys() {
  return ask(store.keys);
}

export function increment(key, delta = 1) {
  if (!Number.isSafeInteger(delta)) throw new TypeError(`the increment must be an integer, not ${show(delta)}`);
  return ask(store.increment, name(key), delta);
}

function name(key) {
  return text(key, "the key");
}

/** Its errors are not those of the hub. */
function ask(question, ...values) {
  try {
    return question(...values);
  } catch (error) {
    const why = error.payload;
    if (why === undefined) throw error;
    if (why.tag === "access-denied") throw HostError.from({ tag: "not-permitted", val: "capabilities.keyvalue" });
    throw new HostError("store", { reason: why.tag === "no-such-store" ? "no bucket has this name" : why.val });
  }
}
