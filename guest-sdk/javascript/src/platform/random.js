// Randomness. The engine seeds Math.random when the plugin is built, so all instances would draw the same numbers; and it
// has no crypto.
import * as host from "#host";
import { isStarted } from "./started.js";

const MAX_BYTES = 65_536;
const WHILE_BUILT = "there is no randomness while the plugin is built, where code outside of hooks runs: call it in a hook";

export const crypto = {
  getRandomValues(array) {
    if (array.byteLength > MAX_BYTES) throw new RangeError(`at most ${MAX_BYTES} bytes at once`);
    if (!isStarted()) throw new Error(WHILE_BUILT);
    new Uint8Array(array.buffer, array.byteOffset, array.byteLength).set(host.randomBytes(array.byteLength));
    return array;
  },

  randomUUID() {
    const bytes = this.getRandomValues(new Uint8Array(16));
    bytes[6] = (bytes[6] & 0x0f) | 0x40;
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    return bytes.toHex().replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
  },
};

const unseeded = Math.random;
let state;

/** sfc32, seeded by the host at the first use. */
export function random() {
  if (!isStarted()) return unseeded();
  state ??= crypto.getRandomValues(new Uint32Array(4));
  return (next() * 0x20_0000 + (next() >>> 11)) / 2 ** 53;
}

function next() {
  const [a, b, c, count] = state;
  const sum = (a + b + count) | 0;
  state[0] = b ^ (b >>> 9);
  state[1] = c + (c << 3);
  state[2] = ((c << 21) | (c >>> 11)) + sum;
  state[3] = count + 1;
  return sum >>> 0;
}
