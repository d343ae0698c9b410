// Runs the checks of test/ in the engine: each message names a check, perhaps with what it is about in JSON, and the answer is its
// result.
import { importJWK, importSPKI, jwtVerify, SignJWT } from "jose";
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
  timeouts() {
    const cleared = setTimeout(() => fired.push("cleared"), 1);
    clearTimeout(cleared);
    setTimeout((...values) => fired.push(values.join(" ")), 0, "timed", "out");
    let turns = 0;
    const interval = setInterval(() => {
      fired.push(`turn ${++turns}`);
      if (turns === 2) clearInterval(interval);
    }, 5);
    setTimeout(async () => { await later(); throw new Error("in a timeout"); }, 10);
  },
  waits: () => new Promise((done) => setTimeout(done, 1)),
  async subtle() {
    const data = new TextEncoder().encode("abc");
    same(new Uint8Array(await crypto.subtle.digest("SHA-256", data)).toHex(), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    const key = await crypto.subtle.importKey("raw", data, { name: "HMAC", hash: "SHA-512" }, false, ["sign", "verify"]);
    const signed = await crypto.subtle.sign("HMAC", key, data);
    same([signed.byteLength, await crypto.subtle.verify("HMAC", key, signed, data), await crypto.subtle.verify("HMAC", key, data, data)], [64, true, false]);
    const refused = async (work) => work().then(() => "nothing", ({ name, message }) => `${name}: ${message}`);
    same(await refused(() => crypto.subtle.encrypt()), "NotSupportedError: crypto.subtle: there is no encrypt: use a library in JavaScript");
    same(await refused(() => crypto.subtle.digest("SHA-1", new Uint8Array(2 ** 20 + 1))), "HostError: `data`: is at most 1048576 bytes long");
    const token = await new SignJWT({ sub: "ada" }).setProtectedHeader({ alg: "HS256" }).setExpirationTime("1h").sign(data);
    same((await jwtVerify(token, data)).payload.sub, "ada");
  },
  /** The claims of a token whose key is a JWK, or the public key in PEM. */
  async jwt({ token, jwk, spki, alg }) {
    const key = jwk ? await importJWK(jwk, alg) : await importSPKI(spki, alg);
    return (await jwtVerify(token, key, { algorithms: [alg] }).catch((error) => ({ payload: error.code }))).payload;
  },
  keep(value, connection) {
    if (value) {
      connection.join("kept");
      hub.room("kept").state = value;
      connection.state = { ...value, sender: connection };
    }
    return [hub.room("kept").state ?? null, connection?.state ?? null];
  },
  console() {
    console.log("text", { a: [1, "b"], m: new Map([["k", new Set([1])]]) }, null, undefined, 5n);
    console.error(new Error("shown"));
    console.group("%s of %d", "group", 1);
    console.table([{ a: 1 }]);
  },
  bytes: () => new Uint8Array([0xff, 0x00]),
  reject() { throw new Rejection(418, "half \ud800", { "x-a": "\udc00" }); },
  refused: () => hub.broadcast("", "x"),
  kept: () => kept.path,
  fault() { return undefined.field; },
  missing() { setImmediate(() => {}); },
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

  async onMessage(connection, _request, body) {
    const [, name, about] = /^(\w+) ?(.*)$/s.exec(body.text()) ?? [];
    if (!Object.hasOwn(checks, name)) throw new Rejection(404, "there is no such check");
    const result = await checks[name](about && JSON.parse(about), connection);
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
