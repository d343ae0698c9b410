// performance. The engine's own counts from when the plugin was built, on that machine's clock, so it may be negative.

const engine = globalThis.performance;
let [begun, timeOrigin] = [0, 0];

/** The instance starts now. */
export function startClock() {
  [begun, timeOrigin] = [engine.now(), Date.now()];
}

export const performance = {
  now: () => engine.now() - begun,
  get timeOrigin() {
    return timeOrigin;
  },
};
