// What clients and careless authors can hand to the SDK: nothing but the contract's errors comes out of the dispatcher.
import assert from "node:assert/strict";
import { test } from "node:test";
import { EventReader, hub, Rejection } from "roomcast";
import { exportsOf } from "../src/component.js";
import { toHalves } from "../src/connection-id.js";
import { structuredClone } from "../src/platform/clone.js";
import { URLSearchParams as Params } from "../src/platform/search-params.js";
import * as states from "../src/state.js";
import * as rules from "../src/testing/rules.js";
import { hold, World } from "../src/testing/world.js";

const ROUNDS = 500;

/** Numbers that are the same in every run (mulberry32). */
function generator(seed) {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let mixed = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const random = generator(20261201);
const below = (limit) => Math.floor(random() * limit);
const pick = (list) => list[below(list.length)];

const PIECES = ["__proto__", "constructor", "toString", "\ud800", "\udfff", "\0", "\r\n", "%", "%ff", "%E0%A4%A", "&", "=", "+", "🎉", "ü", "{", "}", "[", "]", '"', "\\", "\\u0000", "data", "status", "json", "1e400", "-0", "9007199254740993", "null", " ", "x".repeat(3000)];
const text = () => Array.from({ length: below(8) }, () => pick(PIECES)).join("");
const bytes = () => Uint8Array.from({ length: below(40) }, () => below(256));

/** Any JSON, with keys that are properties of every object, and numbers that none has. */
function jsonText(depth = 0) {
  const inner = () => jsonText(depth + 1);
  switch (below(depth > 4 ? 4 : 6)) {
    case 0: return pick(["1e999", "-1e999", "0.1", "12345678901234567890", "-0", "1e-400"]);
    case 1: return JSON.stringify(text());
    case 2: return pick(["true", "false", "null"]);
    case 3: return pick(['"\\ud800"', '"\\u0000"', "[]", "{}"]);
    case 4: return `[${Array.from({ length: below(4) }, inner)}]`;
    default: return `{${Array.from({ length: below(4) }, () => `${JSON.stringify(pick(["__proto__", "constructor", "data", "event", "id", "retryMs", "status", "headers", "body", "json", "then", "toJSON", "name", text()]))}:${inner()}`)}}`;
  }
}

const body = () => new TextEncoder().encode(pick([text, jsonText, () => "[".repeat(below(100_000)), () => `{"a":`.repeat(below(5000))])());
const content = () => (below(3) === 0 ? bytes() : body());

/** What no author means to throw or return. */
const ODD = [
  undefined, null, 0, NaN, "", "half \ud800", Symbol("s"), 5n, [], Object.create(null), () => {}, new Map(), new Date(NaN), new Error(), new Rejection(400, "no"),
  Object.assign(new Error("x"), { name: undefined, stack: 5 }), Object.assign(new Error("x"), { cause: null }), Object.assign(new Rejection(400), { message: "\udc00" }),
  Object.defineProperty(new Error("x"), "message", { get() { throw new Error("in message"); } }),
  Object.defineProperty(new Error("x"), "stack", { get() { throw new Error("in stack"); } }),
  new Proxy({}, { getPrototypeOf() { throw new Error("in the proxy"); }, get() { throw new Error("in the proxy"); } }),
  { get then() { throw new Error("in then"); } }, { then() { throw new Error("then"); } }, { then(done) { done(); done(); } },
  { payload: { tag: "closed" } }, { payload: undefined }, { status: 200, headers: { "x\n": "\ud800" } }, { status: 1e9 }, { json: () => {} }, { json: { toJSON() { throw new Error("in JSON"); } } },
  { __proto__: { status: 500 } }, { data: 1, id: 1e400 }, { data: "x", retryMs: 2 ** 33 }, { data: { a: 1n } }, { event: "\ud800", data: "\ud800" },
];

/** Hooks that look at all they get and hand it on, or throw or return what is odd. */
function hostilePlugin() {
  const act = () => {
    const odd = pick(ODD);
    if (below(3) === 0) throw odd;
    return below(2) === 0 ? odd : undefined;
  };
  const look = (request) => [request.method, request.path, request.headers, request.lastEventId, request.parameter("__proto__"), request.parameter(text()), request.parameters().toString(), request.header(text())];
  const reader = new EventReader();
  return {
    init: act,
    onConnect(connection, request) {
      look(request);
      connection.tag = request.query;
      connection.state = Object.fromEntries(request.parameters());
      connection.join(request.parameter("room") ?? "tea");
      return act();
    },
    onMessage(connection, request, body) {
      look(request);
      if (connection && below(2)) connection.state = body.json();
      switch (below(7)) {
        case 0: return { json: body.json() };
        case 1: return body.json();
        case 2: return void hub.broadcast(body.text(), body.json());
        case 3: return void connection?.send(body.json());
        case 4: return void (hub.room(body.textLossy()).state = structuredClone(body.json()));
        case 5: return { body: body.bytes(), headers: { [body.text()]: body.text() } };
        default: return act();
      }
    },
    onPublish: (room, event) => (below(2) ? { ...event, data: room } : act()),
    onJoin: act,
    onLeave: act,
    onDisconnect: act,
    onTimer: act,
    onResponse: act,
    onChunk: (token, chunk) => void reader.push(token, chunk).length || act(),
    onEnd: (token) => { reader.end(token); return act(); },
    save: () => (below(2) ? act() : text()),
    restore: (state) => { state.textLossy(); return act(); },
  };
}

const isAnswer = ({ status, headers, body }) =>
  Number.isInteger(status) && headers.every(([name, value]) => name.isWellFormed() && value.isWellFormed()) && (body instanceof Uint8Array || (typeof body === "string" && body.isWellFormed()));

/** Calls as the host does; what comes out is the contract's. */
function ask(work, isFine, isError) {
  let result;
  try {
    result = work();
  } catch (error) {
    assert.ok(isError(error), `${error?.stack ?? error}`);
    return;
  }
  assert.ok(isFine(result), String(result));
}

const nothing = (value) => value === undefined;
const never = () => false;
const isText = (error) => typeof error === "string" && error.isWellFormed();
const isReply = ({ tag, val }) => tag === "pass" || (tag === "answer" && isAnswer(val));
const isVerdict = ({ tag, val }) => tag === "forward" || (tag === "rewrite" && val.data.isWellFormed()) || (tag === "refuse" && isAnswer(val));

test("hostile requests, messages and events, and odd values of hooks", () => {
  const world = new World({ config: {}, now: 0 }, { hasTimerHook: true, hasFetchHook: true });
  hold(world);
  const hooks = exportsOf(hostilePlugin());
  const request = () => rules.request("GET", { url: `/${text()}?${text()}&room=${text()}`, headers: { [pick(["x-a", "__proto__", "ä"])]: text() }, lastEventId: pick([undefined, text()]) });
  const ids = [];
  for (let round = 0; round < ROUNDS; round++) {
    if (ids.length < 20) ids.push(world.open());
    const id = toHalves(pick(ids));
    const well = (string) => string.toWellFormed();
    const event = { data: well(text()), event: pick([undefined, null, well(text())]), id: pick([undefined, well(text())]), retryMs: pick([undefined, -1, 5]) };
    ask(() => hooks.connect.onConnect(id, request()), nothing, isAnswer);
    ask(() => hooks.message.onMessage(pick([id, undefined, null]), request(), content()), isReply, isAnswer);
    ask(() => hooks.publish.onPublish(well(text()), event, { tag: pick(["api", "other"]), val: well(text()) }), isVerdict, never);
    ask(() => hooks.room.onJoin(id, well(text())), nothing, isAnswer);
    for (const call of [
      () => hooks.room.onLeave(id, well(text())),
      () => hooks.disconnect.onDisconnect(id, "other"),
      () => hooks.timer.onTimer(pick([well(text()), "\0timeout x 1", "\0timeout "])),
      () => hooks.fetchEvents.onResponse(well(text()), 599, [[well(text()), well(text())]]),
      () => hooks.fetchEvents.onChunk("t", content()),
      () => hooks.fetchEvents.onEnd("t", pick([{ tag: "ok" }, { tag: "err", val: { tag: "other", val: "x" } }, { tag: "err", val: { tag: "limit-exceeded", val: { key: "k", reason: "r" } } }])),
    ]) ask(call, nothing, never);
    ask(() => hooks.lifecycle.init(), nothing, isText);
    ask(() => hooks.state.save(), (saved) => saved instanceof Uint8Array, isText);
    ask(() => hooks.state.restore(pick([content(), new TextEncoder().encode(`{"roomcast":1,"connections":${jsonText()},"rooms":${jsonText()},"plugin":${jsonText()}}`)])), nothing, isText);
    states.use(states.begin());
  }
  assert.equal({}.status, undefined, "no prototype was changed");
  assert.ok(world.records.length > 0 && world.records.every(({ message }) => message.isWellFormed()));
});

test("a key is a key, whatever it is called", () => {
  const parsed = JSON.parse('{"__proto__":{"admin":true},"a":{"constructor":1}}');
  const copy = structuredClone(parsed);
  assert.equal(copy.admin, undefined);
  assert.deepEqual(JSON.stringify(copy), JSON.stringify(parsed));
  const params = new Params("__proto__=1&constructor=2&toString=3");
  assert.deepEqual([params.get("__proto__"), params.get("constructor"), params.get("valueOf")], ["1", "2", null]);
});

test("a plugin's own state is not taken for the SDK's, whatever clients have made of it", () => {
  states.use(states.begin());
  for (const own of ['{"roomcast":1,"rooms":{"tea":"forged"}}', '  {\n"roomcast" :2}', '{"roomcast":', "{}", ""]) {
    const saved = states.save(new TextEncoder().encode(own));
    assert.equal(new TextDecoder().decode(states.restore(saved)), own);
    assert.equal(states.ofRoom("tea"), undefined);
  }
});
