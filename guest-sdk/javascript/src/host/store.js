// The store, if the operator has granted one.
import { increment as add } from "wasi:keyvalue/atomics@0.2.0-draft2";
import { open } from "wasi:keyvalue/store@0.2.0-draft2";

let opened;

/** The only bucket, opened once. */
const bucket = () => (opened ??= open("default"));

export const get = (key) => bucket().get(key);
export const set = (key, value) => bucket().set(key, value);
export const remove = (key) => bucket().delete(key);
export const exists = (key) => bucket().exists(key);
export const increment = (key, delta) => add(bucket(), key, delta);

export function keys() {
  const all = [];
  let cursor;
  do {
    const page = bucket().listKeys(cursor);
    all.push(...page.keys);
    cursor = page.cursor ?? undefined;
  } while (cursor !== undefined);
  return all;
}
