// Runs the checks of test/ in the engine: each message names a check, and the answer is its result.
import { Body, config, Connection, definePlugin, hub, keyvalue, Rejection, timers } from "roomcast";

const built = Math.random();
const fired = [];
let kept;

async function later(value) {
  await null;
  return value;
}

async function* counted(most) {
  for (let i = 1; i <= most; i++) yield await later(i);
}

const same = (one, two) => {
  const [left, right] = [JSON.stringify(one), JSON.stringify(two)];
  if (left !== right) throw new Error(`${left} is not ${right}`);
};

const checks = {
  async async() {
    const found = [];
    for await (const number of counted(3)) found.push(number);
    same(found, [1, 2, 3]);
    same(await Promise.all([later(1), 2]), [1, 2]);
    same(await Array.fromAsync(counted(3), (number) => later(number * 2)), [2, 4, 6]);
    same((await import("./later.js")).late, "late");
    same(await Promise.allSettled([later(1), Promise.reject(new Error("x"))]).then((all) => all.map(({ status }) => status)), ["fulfilled", "rejected"]);
    try {
      await Promise.reject(new Error("thrown"));
    } catch (error) {
      same(error.message, "thrown");
    }
  },
  text() {
    for (const text of ["", "abc", "grüße 🎉", "a\0b"]) same(new TextDecoder().decode(new TextEncoder().encode(text)), text);
    same([...new TextEncoder().encode("ü\ud800")], [0xc3, 0xbc, 0xef, 0xbf, 0xbd]);
    same(new TextDecoder().decode(new Uint8Array([0x61, 0xff, 0xe2, 0x82])), "a\ufffd\ufffd");
  },
  web() {
    same(new URLSearchParams("a=1+2&b=%C3%B6&c=%ff").get("c"), "\ufffd");
    same([...new URLSearchParams("a=1+2")], [["a", "1 2"]]);
    same(structuredClone(new Map([["a", [1]]])).get("a"), [1]);
    same(atob(btoa("abc")), "abc");
    const begun = performance.now();
    if (!(begun >= 0 && begun <= performance.now() && performance.timeOrigin + begun <= Date.now() + 1)) throw new Error(`performance.now() is ${begun}`);
  },
  random() {
    const uuid = crypto.randomUUID();
    if (!/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test(uuid)) throw new Error(uuid);
    const drawn = Array.from({ length: 1000 }, Math.random);
    if (!drawn.every((number) => number >= 0 && number < 1) || new Set(drawn).size < 1000) throw new Error("no random numbers");
    return { uuid, drawn: drawn[0], built };
  },
  surrogates() {
    hub.broadcast("__all", { data: "half \ud800", event: "half" });
    return "\ud800";
  },
  host() {
    try {
      hub.broadcast("", "x");
    } catch (error) {
      same([error.name, error.kind, error.argument], ["HostError", "invalid-argument", "room"]);
      return error.message;
    }
  },
  store() {
    keyvalue.set("json", { a: ["ü"] });
    same(keyvalue.get("json").json(), { a: ["ü"] });
    same(keyvalue.get("none"), undefined);
    same(keyvalue.exists("json"), true);
    same(keyvalue.increment("n", 2) - keyvalue.increment("n", -1), 1);
    keyvalue.remove("json");
    same(keyvalue.keys(), ["n"]);
  },
  config() {
    same([config.get("name"), config.number("number"), config.boolean("on"), config.get("none")], ["ü", 1.5, true, undefined]);
    same(config.all().number, "1.5");
  },
  async signal() {
    const refused = await fetch("http://example.org/", { signal: {} }).catch((error) => error);
    same([refused.name, refused.message.slice(0, 22)], ["TypeError", "fetch takes no `signal"]);
  },
  async timer() {
    timers.cancel(timers.after(1, "cancelled"));
    timers.after(20, "first");
  },
  fired: () => fired,
  console() {
    console.log("text", { a: [1, "b"], m: new Map([["k", new Set([1])]]) }, null, undefined, 5n);
    console.error(new Error("shown"));
  },
  bytes: () => new Uint8Array([0xff, 0x00]),
  reject() { throw new Rejection(418, "half \ud800", { "x-a": "\udc00" }); },
  refused: () => hub.broadcast("", "x"),
  kept: () => kept.path,
  fault() { return undefined.field; },
  missing() { setTimeout(() => {}, 1); },
  never: () => new Promise(() => {}),
  background() { later().then(() => { throw new Error("in the background"); }); },
  deep() { return checks.deep() + 1; },
  nested() {
    let list = [];
    for (let depth = 0; depth < 200_000; depth++) list = [list];
    const deep = "[".repeat(200_000);
    const works = [
      () => JSON.parse(deep + "]".repeat(200_000)),
      () => JSON.stringify(list),
      () => String(list),
      () => list.flat(Infinity),
      () => structuredClone(list),
      () => new RegExp("(".repeat(50_000) + ")".repeat(50_000)),
      () => (0, eval)(deep),
      () => ({ get endless() { return this.endless; } }).endless,
      () => "a".replace(/a/, function again() { return "a".replace(/a/, again); }),
    ];
    for (const work of works) {
      try {
        work();
      } catch (error) {
        if (error instanceof RangeError || error instanceof SyntaxError) continue;
      }
      throw new Error(`it does not throw: ${work}`);
    }
  },
  loop() { for (;;); },
  huge: () => ({ text: new Body(new TextEncoder().encode("ü".repeat(500_000))).text().length }),
};

export default definePlugin({
  onConnect(connection, request) {
    kept = request;
    const { id } = new Connection(connection.id);
    const open = new Connection(id).isOpen() && [...hub.allMembers("__all")].some((member) => member.id === id);
    const { query } = request;
    connection.send({ data: { id, open, query, header: request.header("X-A"), none: request.header("x-b") ?? null } });
  },

  async onMessage(_connection, _request, body) {
    const check = checks[body.text()];
    if (!check) throw new Rejection(404, "there is no such check");
    const result = await check();
    if (result instanceof Uint8Array || typeof result === "string") return result;
    return { json: result ?? "as it should be" };
  },

  onTimer(token) {
    fired.push(token);
  },

  save: () => ({ fired }),

  restore(state) {
    fired.push(...state.json().fired);
  },
});
