// setTimeout and setInterval, over the host's timers. A component has them if the code names them, and exports the hook `timer`
// then.
import * as host from "#host";
import { call } from "../host-error.js";
import { show } from "../show.js";
import { keep, take, tokenOf } from "./due.js";

const LONGEST = 0xffff_ffff;

export function setTimeout(callback, delay, ...values) {
  checkCallback("setTimeout", callback);
  return begin({ name: "setTimeout", work: () => callback(...values), repeats: false }, milliseconds(delay));
}

/** Late turns are skipped. Each is a timer of its own: one that repeats would outlive this instance, which alone can end it. The
 *  next is set before anything else, so that a fault does not end them. */
export function setInterval(callback, delay, ...values) {
  checkCallback("setInterval", callback);
  const period = milliseconds(delay);
  let next = performance.now() + period;
  const work = () => {
    const now = performance.now();
    next += Math.max(1, Math.ceil((now - next) / period)) * period;
    arm(entry, milliseconds(next - now));
    return callback(...values);
  };
  const entry = { name: "setInterval", work, repeats: true };
  return begin(entry, period);
}

/** Each clears both, as in browsers. */
export function clearTimeout(id) {
  const entry = take(tokenOf(Number(id)));
  if (entry) host.cancelTimer(entry.timer);
}

export { clearTimeout as clearInterval };

function checkCallback(name, callback) {
  if (typeof callback !== "function") throw new TypeError(`${name} takes a function, not ${show(callback)}`);
}

/** At least 1, which the host demands. */
function milliseconds(delay) {
  return Math.min(Math.max(1, Math.ceil(Number(delay)) || 1), LONGEST);
}

function begin(entry, delay) {
  const id = keep(entry);
  entry.token = tokenOf(id);
  arm(entry, delay);
  return id;
}

function arm(entry, delay) {
  try {
    entry.timer = call(host.setTimer, host.passed(delay), "once", entry.token);
  } catch (error) {
    take(entry.token);
    throw error;
  }
}
