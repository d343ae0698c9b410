// The store of the fake hub, which is always granted. It outlives a reload, as the host's does.
import { world } from "../testing/world.js";

const MAX_KEY = 1 << 10;
const QUOTA = 10 << 20;
/** Bytes added to each pair for the quota, as by the host. */
const PAIR = 128;

const other = (why) => Object.assign(new Error(why), { payload: { tag: "other", val: why } });
const bytes = (text) => new TextEncoder().encode(text).length;

export const get = (key) => world().pairs.get(key);
export const remove = (key) => void world().pairs.delete(key);
export const exists = (key) => world().pairs.has(key);
export const keys = () => [...world().pairs.keys()].sort();

export function set(key, value) {
  if (bytes(key) > MAX_KEY) throw other("`capabilities.keyvalue.key_bytes`: a key has at most 1024 bytes");
  const sizes = [...world().pairs].filter(([name]) => name !== key).map(([name, held]) => bytes(name) + held.length + PAIR);
  const used = sizes.reduce((sum, size) => sum + size, bytes(key) + value.length + PAIR);
  if (used > QUOTA) throw other("`capabilities.keyvalue.quota` = 10MiB: take something out first");
  world().pairs.set(key, value);
}

export function increment(key, delta) {
  const text = new TextDecoder().decode(get(key) ?? new TextEncoder().encode("0"));
  if (!/^-?\d+$/.test(text)) throw other("the value is no number in decimal");
  const sum = Number(text) + delta;
  set(key, new TextEncoder().encode(String(sum)));
  return sum;
}
