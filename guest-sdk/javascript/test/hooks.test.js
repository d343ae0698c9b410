// Hooks' results and exceptions, and the answers that follow from them.
import assert from "node:assert/strict";
import { test } from "node:test";
import { config, Connection, definePlugin, hub, HostError, keyvalue, PASS, Rejection, timers } from "roomcast";
import { FakeHub } from "roomcast/testing";

test("a greeting follows the head, and a rejection has its status", async () => {
  const fake = await FakeHub.start(definePlugin({
    onConnect(connection, request) {
      if (request.header("Authorization") !== "Bearer a") throw new Rejection(401, "who?", { "WWW-Authenticate": "Bearer" });
      connection.send({ event: "hi", data: { name: request.parameter("name"), connection }, id: 7, retryMs: 2000 });
    },
  }));
  const ada = await fake.connect({ url: "/sse?name=Ada+L%C3%B6we&x=%ff", headers: { authorization: "Bearer a" } });
  const data = JSON.stringify({ name: "Ada Löwe", connection: ada.id });
  assert.deepEqual(fake.received(ada), [{ event: "hi", data, id: "7", retryMs: 2000 }]);
  await assert.rejects(fake.connect("/sse"), (error) => {
    assert.deepEqual([error.status, error.message, error.headers], [401, "who?", [["www-authenticate", "Bearer"]]]);
    return true;
  });
});

test("every kind of answer to a message", async () => {
  const answers = {
    nothing: undefined,
    text: "hi",
    json: { status: 201, json: { a: [1] } },
    bytes: new Uint8Array([0xff]),
    whole: { status: 404, headers: { "X-A": 1 }, body: "no" },
    closing: { headers: { Connection: "close" } },
    pass: PASS,
  };
  const plugin = definePlugin({ onMessage: async (_, __, body) => answers[body.text()] });
  const fake = await FakeHub.start(plugin);
  const seen = async (name) => {
    const { status, headers, body } = await fake.message(undefined, name);
    return [status, headers, body];
  };
  assert.deepEqual(await seen("nothing"), [202, {}, ""]);
  assert.deepEqual(await seen("text"), [200, {}, "hi"]);
  assert.deepEqual(await seen("json"), [201, { "content-type": "application/json" }, '{"a":[1]}']);
  assert.deepEqual(await seen("bytes"), [200, {}, new Uint8Array([0xff])]);
  assert.deepEqual(await seen("whole"), [404, { "x-a": "1" }, "no"]);
  assert.deepEqual(await seen("closing"), [200, { connection: "close" }, ""]);
  assert.equal((await fake.message(undefined, "whole")).hasPassed, false);
  assert.equal((await fake.message(undefined, "pass")).hasPassed, true);
});

test("exceptions of a hook: a rejection, a host error, a failure", async () => {
  const fake = await FakeHub.start(definePlugin({
    onConnect(connection) { connection.join(""); },
    onMessage(_, __, body) {
      const { ask } = body.json();
      if (ask === "reject") throw new Rejection(403, "no");
      if (ask === "host") hub.broadcast("a\nb", "x");
      if (ask === "limit") hub.broadcast("a", "x".repeat(300 << 10));
      return ask.missing.field;
    },
    onTimer() { throw new Error("tick", { cause: new RangeError("too\nlate") }); },
  }));
  await assert.rejects(fake.connect(), { status: 500, message: "the plugin has failed" });
  assert.deepEqual([(await fake.message(undefined, { ask: "reject" })).status], [403]);
  const refused = await fake.message(undefined, { ask: "host" });
  assert.deepEqual([refused.status, refused.body], [500, "the plugin has failed"]);
  const limited = await fake.message(undefined, { ask: "limit" });
  assert.deepEqual([limited.status, limited.body], [503, "the server is busy: try again later"]);
  assert.deepEqual(fake.logs().map(({ level, message }) => [level, message]), [
    ["error", "onConnect failed: HostError: `room`: must not be empty"],
    ["error", "onMessage failed: HostError: `room`: must not contain control characters"],
    ["error", "onMessage failed: HostError: `limits.event_bytes`: an event takes at most 256 KiB: send less, or a link to it"],
  ]);
  const bad = await fake.message(undefined, "{");
  assert.equal(bad.status, 400);
  assert.match(bad.body, /^the body is not JSON: /);
  assert.deepEqual(fake.logs(), []);
  const fault = await fake.message(undefined, { ask: {} });
  assert.deepEqual([fault.status, fault.body], [500, "the plugin has failed"]);
  assert.match(fake.logs()[0].message, /^onMessage failed: TypeError: /);
  timers.after(10, "x");
  await fake.advance(10);
  assert.equal(fake.logs()[0].message, "onTimer failed: Error: tick, caused by RangeError: too late");
});

test("JSON that is nested too deep is answered 400; strings and siblings do not count as depth", async () => {
  const fake = await FakeHub.start(definePlugin({ onMessage: (_, __, body) => ({ json: Array.isArray(body.json()) }) }));
  const nested = (depth) => "[".repeat(depth) + "]".repeat(depth);
  const answers = [nested(512), `["${"[".repeat(600)}\\"[", ${Array(600).fill('{"a":[]}')}]`, nested(513), "[".repeat(5000)];
  const seen = [];
  for (const body of answers) seen.push((await fake.message(undefined, body)).status);
  assert.deepEqual(seen, [200, 200, 400, 400]);
  assert.equal((await fake.message(undefined, nested(513))).body, "the body is nested deeper than 512 levels");
});

test("a returned rejection does not accept the client", async () => {
  const fake = await FakeHub.start(definePlugin({
    onConnect: (_, request) => (request.query ? new Rejection(403, "no") : false),
    onPublish: () => false,
    onMessage: (_, __, body) => (body.text() === "204" ? new Rejection(204) : new Rejection(409, "not now")),
  }));
  await assert.rejects(fake.connect("/sse?x"), { status: 403 });
  await assert.rejects(fake.connect("/sse"), { status: 500 });
  await assert.rejects(fake.publish("__all", "x"), { status: 500, message: "the plugin has failed" });
  assert.equal((await fake.message(undefined, "x")).status, 409);
  await assert.rejects(fake.message(undefined, "204"), /status 204 rejects a stream/);
  assert.match(fake.logs()[1].message, /return nothing to let the event pass/);
});

test("events from outside are passed, replaced or refused", async () => {
  const fake = await FakeHub.start(definePlugin({
    onPublish(room, event, origin) {
      assert.deepEqual(origin, { kind: "api", from: "127.0.0.1:51235" });
      if (event.data === "bad") throw new Rejection(422, `not in ${room}`);
      if (event.data === "old") return { ...event, data: "new" };
    },
  }));
  const ada = await fake.connect();
  assert.equal(await fake.publish("__all", { data: "as it is", event: "e" }), 1);
  assert.equal(await fake.publish("__all", "old"), 1);
  await assert.rejects(fake.publish("__all", "bad"), { status: 422, message: "not in __all" });
  assert.deepEqual(fake.received(ada), [{ data: "as it is", event: "e" }, { data: "new" }]);
});

test("rooms: onJoin is called for joins from outside, onDisconnect once", async () => {
  const told = [];
  const fake = await FakeHub.start(definePlugin({
    onJoin(_, room) { if (room === "vip") throw new Rejection(402, "members only", { "x-price": "5" }); },
    onLeave(connection, room) { told.push(`${connection.tag} left ${room}`); },
    onDisconnect(connection, reason) { told.push(`${connection.tag}: ${reason}, open: ${connection.isOpen()}`); },
  }));
  const ada = await fake.connect();
  ada.tag = "Ada";
  await assert.rejects(fake.join(ada, "vip"), { status: 402, message: "members only", headers: [["x-price", "5"]] });
  await fake.join(ada, "tea");
  assert.deepEqual([ada.rooms(), hub.count("tea"), hub.members("tea")], [["__all", "tea"], 1, { members: [ada], total: 1, next: undefined }]);
  await fake.leave(ada, "tea");
  ada.close();
  await fake.disconnect(ada);
  assert.deepEqual(told, ["Ada left tea", "Ada left __all", "Ada: plugin-closed, open: false"]);
  assert.throws(() => ada.send("x"), (error) => error instanceof HostError && error.kind === "no-such-connection");
  assert.deepEqual(fake.rooms(), []);
});

test("broadcasts: to all but one, to several rooms once or for each", async () => {
  const fake = await FakeHub.start(definePlugin({ onConnect(connection) { connection.join("a"); connection.join("b"); } }));
  const [ada, bob] = [await fake.connect(), await fake.connect()];
  assert.equal(hub.broadcast("a", "x", { except: ada }), 1);
  assert.equal(hub.broadcastMany(["a", "b"], "y"), 2);
  assert.equal(hub.broadcastMany(["a", "b"], "z", { duplicates: "keep", except: bob.id }), 2);
  assert.deepEqual(fake.received(ada).map(({ data }) => data), ["y", "z", "z"]);
  assert.deepEqual(fake.received(bob).map(({ data }) => data), ["x", "y"]);
});

test("state and timers go to the next instance", async () => {
  let count = 0;
  const fake = await FakeHub.start(definePlugin({
    init() { timers.every(config.number("period") ?? 1000, "tick"); },
    onTimer() { count++; },
    save: () => ({ version: 1, count }),
    restore(state) {
      const saved = state.json();
      if (saved.version !== 1) throw new Error(`version ${saved.version} is not known`);
      count = saved.count;
    },
  }), { config: { period: 100 } });
  await fake.advance(250);
  assert.equal((await fake.reload()).text(), '{"version":1,"count":2}');
  assert.deepEqual([count, fake.timers()], [2, 1]);
  await fake.advance(50);
  assert.equal(count, 3);
});

test("an invalid setting makes the load fail and is named", async () => {
  const plugin = definePlugin({ init() { config.number("period"); }, onTimer() {} });
  await assert.rejects(FakeHub.start(plugin, { config: { period: "soon" } }), /^Error: config `period` = "soon": is not a number$/);
});

test("the store keeps text, JSON, bytes and numbers", async () => {
  await FakeHub.start(definePlugin({ onTimer() {} }));
  keyvalue.set("text", "grüße");
  keyvalue.set("json", { a: 1 });
  keyvalue.set("bytes", new Uint8Array([0xff]));
  assert.equal(keyvalue.increment("n", 2) + keyvalue.increment("n"), 5);
  assert.deepEqual([keyvalue.get("text").text(), keyvalue.get("json").json(), keyvalue.get("none")], ["grüße", { a: 1 }, undefined]);
  assert.throws(() => keyvalue.get("bytes").text(), { name: "Error", message: "the value of `bytes` is not text (UTF-8)" });
  keyvalue.remove("text");
  assert.deepEqual(keyvalue.keys(), ["bytes", "json", "n"]);
  assert.throws(() => keyvalue.increment("json"), (error) => error.kind === "store");
});

test("invalid arguments are named", async () => {
  const fake = await FakeHub.start(definePlugin({ onConnect() {} }));
  const ada = await fake.connect();
  const cases = [
    [() => ada.send({ name: "x" }), "an event has no `name`: it takes data, event, id, retryMs"],
    [() => ada.send({ dta: "x" }), "an event has no `dta`: did you mean `data`?"],
    [() => ada.send({ event: "x" }), "an event needs `data`: a string, or any value that can be JSON"],
    [() => ada.send(3), "an event is a string, or an object { data, event, id, retryMs }, not the number 3"],
    [() => ada.send({ data: "x", retryMs: "2s" }), 'event.retryMs must be a whole number from 0 to 4294967295, not the string "2s"'],
    [() => ada.send({ data: "x", retryMs: 499 }), /event\.retry_ms/],
    [() => ada.join(undefined), "the room must be a string, not undefined"],
    [() => hub.broadcast("tea", "x", { exept: ada }), "the third argument of hub.broadcast has no `exept`: did you mean `except`?"],
    [() => timers.after("tick", 1000), "a timer's time is a number of milliseconds, at most 4294967295, not the string \"tick\"; the token, a string, comes second"],
    [() => timers.after(1000, "tick"), "`token`: nobody would be called with it: the plugin has no hook `onTimer`"],
    [() => new Rejection(200, "x"), "a rejection's status is 204, or 400 to 599, not the number 200"],
    [() => new Connection(7), "a connection's id must be a UUID such as 0192f3c4-7b1e-4c55-9c0e-2f6d1c1b8a77, not the number 7"],
    [() => new Connection("nobody"), /^a connection's id must be a UUID .*, not the string "nobody"$/],
    [() => hub.broadcast("tea", "x", { except: "ada" }), /^`except` must be a UUID /],
    [() => hub.members("tea", { at: "1" }), '`at` is the `next` of another page, not the string "1"'],
    [() => hub.members("tea", { limit: 1001 }), "`limit`: is 1 to 1000"],
    [() => ada.send({ data: "x", id: "a\u0085b" }), "`event.id`: must not contain control characters"],
    [() => ada.send({ data: "x", id: "ü".repeat(513) }), "`event.id`: is at most 1024 bytes long"],
  ];
  for (const [call, message] of cases) assert.throws(call, { message });
  assert.deepEqual(fake.received(ada), []);
});

test("an invalid definition is refused", () => {
  const cases = [
    [{ onConect() {} }, "there is no hook `onConect`: did you mean `onConnect`?"],
    [{ onMessage: true }, "`onMessage` must be a function, not the boolean true"],
    [{ save: () => "" }, "`save` needs `restore`: what the old version saves, the new one has to restore"],
    [{ onError() {} }, /^the plugin has no hook/],
    [{ people: new Map() }, /^there is no hook `people`: the hooks are init, .*live outside/],
    [() => {}, /^a plugin is an object of hooks, not a function/],
  ];
  for (const [plugin, message] of cases) assert.throws(() => definePlugin(plugin), { name: "TypeError", message });
});
