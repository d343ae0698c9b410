// Timers.
import * as host from "#host";
import { text } from "./arguments.js";
import { call } from "./host-error.js";
import { show } from "./show.js";

const LONGEST = 0xffff_ffff;

export function after(delayMs, token) {
  return set(delayMs, "once", token);
}

export function every(periodMs, token) {
  return set(periodMs, "every", token);
}

export function cancel(timer) {
  if (!Number.isInteger(timer) || timer < 0) {
    throw new TypeError(`timers.cancel takes the result of timers.after or timers.every, not ${show(timer)}`);
  }
  return host.cancelTimer(timer);
}

/** Fractions of a millisecond are rounded up: the host refuses 0. */
function set(delayMs, repetition, token) {
  if (typeof delayMs !== "number" || !(delayMs >= 0 && delayMs <= LONGEST)) {
    const hint = typeof token === "number" || typeof delayMs === "function" ? "; the token, a string, comes second" : "";
    throw new TypeError(`a timer's time is a number of milliseconds, at most ${LONGEST}, not ${show(delayMs)}${hint}`);
  }
  return call(host.setTimer, host.passed(Math.ceil(delayMs)), repetition, text(token, "a timer's token"));
}
