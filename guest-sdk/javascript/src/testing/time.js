// Time as the plugin sees it: `Date` and `performance.now` of this process follow the clock of the fake hub that was used last.
import { world } from "./world.js";

const { Date: Real } = globalThis;

/** The wall's time now, for hubs that do not say when they start. */
export const realNow = () => Real.now();

/** From now on. What was left of the process's own time is with those who took it before: the test runner does. */
export function follow() {
  const now = () => Math.floor(world().clock.wall);
  globalThis.Date = new Proxy(Real, {
    apply: () => new Real(now()).toString(),
    construct: (target, values, self) => Reflect.construct(target, values.length > 0 ? values : [now()], self),
    get: (target, name) => (name === "now" ? now : Reflect.get(target, name)),
  });
  Object.defineProperty(globalThis.performance, "now", { value: () => world().clock.now, configurable: true, writable: true });
}
