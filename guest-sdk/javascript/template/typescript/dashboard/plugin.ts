import { definePlugin, hub, Rejection, timers } from "roomcast";

type Numbers = Record<string, number>;

/** The last value of each number, and the names of those that the clients have not been told yet. */
const values = new Map<string, number>();
const changed = new Set<string>();

export default definePlugin({
  init() {
    timers.every(1000, "count");
  },

  onConnect(connection) {
    connection.send({ event: "numbers", data: Object.fromEntries(values) });
  },

  // A back end publishes to the room "numbers". No client is in it: what is published there is for this plugin alone.
  onPublish(room, event) {
    if (room === "numbers") update(parse(event.data));
  },

  onTimer(token) {
    if (token === "count") {
      update({ streams: hub.count("__all") });
      return;
    }
    const data = Object.fromEntries([...changed].map((name) => [name, values.get(name)]));
    changed.clear();
    hub.broadcast("__all", { event: "numbers", data });
  },

  save: () => Object.fromEntries(values),

  restore(state) {
    update(state.json());
  },
});

function parse(text: string): Numbers {
  try {
    const numbers: unknown = JSON.parse(text);
    if (isNumbers(numbers)) return numbers;
  } catch {
    // It is no JSON.
  }
  throw new Rejection(400, 'send numbers by their names, such as {"cpu": 42.5}');
}

function isNumbers(value: unknown): value is Numbers {
  const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
  return isObject && Object.values(value).every(Number.isFinite);
}

/** However often a number changes, clients get its latest value at most ten times a second. */
function update(numbers: Numbers): void {
  for (const [name, value] of Object.entries(numbers)) {
    if (values.get(name) === value) continue;
    if (changed.size === 0) timers.after(100, "tell");
    values.set(name, value);
    changed.add(name);
  }
}
