// Time as the plugin sees it: `Date`, `performance.now`, `setTimeout` and `setInterval` of this process follow the clock of the fake hub that was used last.
import { clearInterval, clearTimeout, setInterval, setTimeout } from "../platform/timeouts.js";
import { world } from "./world.js";

const { Date: Real, setTimeout: realTimeout, clearTimeout: clearReal } = globalThis;

/** The wall's time now, for hubs that do not say when they start. */
export const realNow = () => Real.now();

/** What `promise` comes to, if it does within so many milliseconds of the process's own time; or else it fails as `late` says. */
export async function within(limit, promise, late) {
  let timer;
  const passed = new Promise((_, reject) => { timer = realTimeout(() => reject(late()), limit); });
  try {
    return await Promise.race([promise, passed]);
  } finally {
    clearReal(timer);
  }
}

/** From now on. What was left of the process's own time is with those who took it before: the test runner does. */
export function follow() {
  const now = () => Math.floor(world().clock.wall);
  globalThis.Date = new Proxy(Real, {
    apply: () => new Real(now()).toString(),
    construct: (target, values, self) => Reflect.construct(target, values.length > 0 ? values : [now()], self),
    get: (target, name) => (name === "now" ? now : Reflect.get(target, name)),
  });
  Object.defineProperty(globalThis.performance, "now", { value: () => world().clock.now, configurable: true, writable: true });
  Object.assign(globalThis, { clearInterval, clearTimeout, setInterval, setTimeout });
}
