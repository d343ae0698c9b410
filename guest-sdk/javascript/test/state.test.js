// connection.state and hub.room(name).state, and what is saved of them.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Connection, definePlugin, hub, Rejection } from "roomcast";
import { FakeHub } from "roomcast/testing";

const counting = {
  onConnect(connection, request) { connection.join("tea"); connection.state = { name: request.parameter("name"), posts: 0 }; },
  onMessage(connection) {
    connection.state.posts++;
    hub.room("tea").state = (hub.room("tea").state ?? 0) + 1;
    return { json: [connection.state, hub.room("tea").state] };
  },
};

test("values go to the next instance without a hook of the plugin", async () => {
  const fake = await FakeHub.start(definePlugin(counting));
  const ada = await fake.connect("/sse?name=Ada");
  assert.equal(new Connection(ada.id).state.name, "Ada");
  assert.deepEqual((await fake.message(ada, "")).json(), [{ name: "Ada", posts: 1 }, 1]);
  const saved = await fake.reload();
  assert.deepEqual(saved.json(), { roomcast: 1, connections: { [ada.id]: { name: "Ada", posts: 1 } }, rooms: { tea: 1 } });
  assert.deepEqual((await fake.message(ada, "")).json(), [{ name: "Ada", posts: 2 }, 2]);
});

test("a connection's goes with it, after its last hook", async () => {
  const told = [];
  const fake = await FakeHub.start(definePlugin({ ...counting, onDisconnect: (connection) => void told.push(connection.state.name) }));
  const ada = await fake.connect("/sse?name=Ada");
  await fake.disconnect(ada);
  assert.deepEqual([told, ada.state], [["Ada"], undefined]);
  assert.throws(() => { ada.state = 1; }, { kind: "no-such-connection" });
  ada.state = undefined;
  assert.equal(await fake.reload(), undefined);
});

test("a room's goes with its last member, however that leaves", async () => {
  const told = [];
  const fake = await FakeHub.start(definePlugin({ ...counting, onLeave: (_, room) => void told.push([room, hub.room(room).state]) }));
  const leaves = [
    (connection) => connection.leave("tea"),
    (connection) => fake.leave(connection, "tea"),
    (connection) => fake.disconnect(connection),
    async (connection) => { connection.close(); await fake.disconnect(connection); },
  ];
  for (const leave of leaves) {
    const [ada, bob] = [await fake.connect(), await fake.connect()];
    hub.room("tea").state = "here";
    await leave(ada);
    assert.equal(hub.room("tea").state, "here");
    await leave(bob);
    assert.equal(hub.room("tea").state, undefined);
    assert.throws(() => { hub.room("tea").state = "gone"; }, { message: 'the room "tea" has no members, so it has no state: have a connection join it first' });
    hub.room("tea").state = undefined;
    for (const connection of [ada, bob]) await fake.disconnect(connection);
  }
  assert.ok(told.some(([room, state]) => room === "tea" && state === "here"), "the hook can still read it");
});

test("a client that was turned away leaves none", async () => {
  let kept;
  const fake = await FakeHub.start(definePlugin({ onConnect(connection) { kept = connection; connection.state = 1; throw new Rejection(403, "no"); } }));
  await assert.rejects(fake.connect(), { status: 403 });
  assert.equal(kept.state, undefined);
  assert.equal(await fake.reload(), undefined);
});

test("undefined removes a value, and others stay as they are", async () => {
  const fake = await FakeHub.start(definePlugin(counting));
  const values = ["text", 1.5, false, null, [1, { a: [] }], { "__proto__": 1, constructor: "x" }, ""];
  const rooms = values.map((_, at) => `room ${at}`);
  rooms[0] = "__proto__";
  const ada = await fake.connect();
  ada.state = undefined;
  for (const name of [...rooms, "tea"]) ada.join(name);
  rooms.forEach((name, at) => { hub.room(name).state = values[at]; });
  await fake.reload();
  assert.deepEqual(rooms.map((name) => hub.room(name).state), JSON.parse(JSON.stringify(values)));
  hub.room("__proto__").state = undefined;
  assert.equal(hub.room("__proto__").state, undefined);
  assert.equal(hub.room("toString").state, undefined);
  assert.throws(() => { hub.room("tea").state = new Map(); }, { message: "the state of a room is a value that JSON has, not a value of class Map" });
  assert.throws(() => { hub.room("tea").state = 5n; }, TypeError);
  assert.throws(() => hub.room(5), TypeError);
  assert.throws(() => { hub.room("").state = 1; }, { kind: "invalid-argument" });
});

test("the plugin's own state goes along: text, bytes, or nothing beside it", async () => {
  for (const own of ["text", new Uint8Array([0xff, 0x00]), { a: 1 }, ""]) {
    let restored;
    const fake = await FakeHub.start(definePlugin({ ...counting, save: () => own, restore(state) { restored = state; } }));
    const bytes = own instanceof Uint8Array ? own : new TextEncoder().encode(typeof own === "string" ? own : JSON.stringify(own));
    assert.deepEqual((await fake.reload()).bytes(), bytes, "no value, no difference");
    assert.deepEqual(restored.bytes(), bytes);
    const ada = await fake.connect();
    hub.room("tea").state = 7;
    ada.state = undefined;
    restored = undefined;
    await fake.reload();
    assert.deepEqual(restored.bytes(), bytes);
    assert.equal(hub.room("tea").state, 7);
  }
});

test("hubs of one test have states of their own", async () => {
  const plugin = definePlugin(counting);
  const [one, two] = [await FakeHub.start(plugin), await FakeHub.start(plugin)];
  const ada = await one.connect("/sse?name=Ada");
  const bob = await two.connect("/sse?name=Bob");
  assert.equal(ada.id, bob.id);
  assert.equal((await one.message(ada, "")).json()[0].name, "Ada");
  assert.equal((await two.message(bob, "")).json()[0].name, "Bob");
});

test("what ends while the next instance begins is told to it, and then forgotten", async () => {
  const { restore, save, ofConnection, ofRoom } = await import("../src/state.js");
  const fake = await FakeHub.start(definePlugin(counting));
  const ada = await fake.connect();
  const gone = "0192f3c4-7b1e-4c55-9c0e-2f6d1c1b8a78";
  const text = JSON.stringify({ roomcast: 1, connections: { [ada.id]: "here", [gone]: "gone" }, rooms: { tea: 1, empty: 2 } });
  assert.equal(restore(new TextEncoder().encode(text)), undefined);
  assert.deepEqual([ofConnection(ada.id), ofConnection(gone), ofRoom("tea"), ofRoom("empty")], ["here", "gone", 1, undefined]);
  assert.deepEqual(JSON.parse(new TextDecoder().decode(save(undefined))).connections, { [ada.id]: "here" });
  assert.throws(() => restore(new TextEncoder().encode('{"roomcast":2}')), /version 2 of the SDK's state is not known/);
});

test("a connection's goes with it also when the plugin has no hook for that", async () => {
  const fake = await FakeHub.start(definePlugin(counting));
  const ada = await fake.connect("/sse?name=Ada");
  await fake.disconnect(ada);
  assert.equal(ada.state, undefined);
});
