// Saying what was checked, and stopping at the first thing that is wrong.

import { inspect, isDeepStrictEqual } from "node:util";

/** How long anything may take before it counts as not happening, in milliseconds. No check depends on its value. */
export const PATIENCE = 30_000;

export function ok(what) {
  console.log(`ok    ${what}`);
}

export function same(what, actual, expected) {
  if (!isDeepStrictEqual(actual, expected)) throw new Error(`${what}\n  got      ${inspect(actual)}\n  expected ${inspect(expected)}`);
  ok(what);
}

export function holds(what, condition, detail = "") {
  if (!condition) throw new Error(`${what}: does not hold. ${detail}`);
  ok(what);
}

/** Runs a script's body; its failure is told on standard error and makes the exit code 1. */
export async function run(title, body) {
  console.log(title);
  try {
    await body();
    process.exit(0);
  } catch (error) {
    console.error(`FAIL  ${error.stack ?? error}`);
    process.exit(1);
  }
}

/** What came in and was not looked at yet. */
export class Inbox {
  #waiting = [];
  #wanted = [];

  put(item) {
    const wanted = this.#wanted.shift();
    if (wanted) wanted(item);
    else this.#waiting.push(item);
  }

  /** The next item, waited for if need be. */
  next(what) {
    if (this.#waiting.length) return Promise.resolve(this.#waiting.shift());
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`waited in vain for ${what}`)), PATIENCE);
      this.#wanted.push((item) => {
        clearTimeout(timer);
        resolve(item);
      });
    });
  }
}
