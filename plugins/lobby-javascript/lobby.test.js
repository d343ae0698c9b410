// The lobby on a fake hub: node --test
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { FakeHub } from "roomcast/testing";
import lobby from "./plugin.js";
import { GATHER } from "./presence.js";

let hub, ada, bob;

/** Ada and Bob in the room `tea`, everything told. */
beforeEach(async () => {
  hub = await FakeHub.start(lobby);
  await lobby.restore({ json: () => ({ people: {}, presence: { changes: {} } }) });
  ada = await hub.connect("/sse?name=Ada&room=tea");
  bob = await hub.connect("/sse?name=+Bob+&room=tea");
  await hub.advance(GATHER);
  received(ada);
  received(bob);
});

/** What a connection has received: each event's name and data. */
const received = (connection) => hub.received(connection).map(({ event, data }) => [event, JSON.parse(data)]);
const presence = (room, count, joined, left) => ["presence", { room, count, joined, left, more: 0 }];
const welcome = ({ id }, name, room, people) => ["welcome", { connection: id, name, room, count: people.length, people }];

test("an arrival is welcomed at once and told later", async () => {
  const eve = await hub.connect("/sse?name=Eve&room=tea");
  assert.deepEqual(received(eve), [welcome(eve, "Eve", "tea", ["Ada", "Bob", "Eve"])]);
  assert.deepEqual([eve.tag, eve.rooms()], ["Eve", ["__all", "tea"]]);
  await hub.advance(GATHER);
  assert.deepEqual(received(ada), [presence("tea", 3, ["Eve"], [])]);
  assert.equal(hub.timers(), 0);
});

test("name and room have defaults, and bad ones are rejected", async () => {
  const somebody = await hub.connect();
  const name = `guest-${somebody.id.slice(0, 4)}`;
  assert.deepEqual(received(somebody), [welcome(somebody, name, "lobby", [name])]);
  for (const query of ["name=", "name=+", "room=a%0Ab", "name=a%00b", `name=${"x".repeat(41)}`, "room=__all"]) {
    await assert.rejects(hub.connect(`/sse?${query}`), { status: 400, message: new RegExp(query.slice(0, 4)) });
  }
  await hub.connect(`/sse?name=${"%C3%B6".repeat(40)}`);
});

test("what is said reaches the room, and a move tells both", async () => {
  const eve = await hub.connect("/sse?name=Eve&room=cake");
  await hub.advance(GATHER);
  received(eve);
  assert.equal((await hub.message(ada, { type: "say", text: 'hi "all"' })).status, 202);
  const chat = ["chat", { room: "tea", name: "Ada", text: 'hi "all"' }];
  assert.deepEqual([received(ada), received(bob), received(eve)], [[chat], [chat], []]);
  await hub.message(ada, { type: "move", room: "cake" });
  await hub.advance(GATHER);
  assert.deepEqual(received(ada), [welcome(ada, "Ada", "cake", ["Eve", "Ada"]), presence("cake", 2, ["Ada"], [])]);
  assert.deepEqual(received(bob), [presence("tea", 1, [], ["Ada"])]);
});

test("a new name is told, and a quick reconnect is not", async () => {
  await hub.message(ada, { type: "name", name: "Eve" });
  await hub.advance(GATHER);
  assert.deepEqual([received(bob), ada.tag], [[presence("tea", 2, ["Eve"], ["Ada"])], "Eve"]);
  await hub.disconnect(ada);
  await hub.connect("/sse?name=Eve&room=tea");
  await hub.advance(GATHER);
  assert.deepEqual(received(bob), []);
});

test("bad messages are answered with what is wrong", async () => {
  const cases = [
    ["hi", "JSON"],
    [{ type: "say" }, "text"],
    [{ type: "sing", text: "la" }, "sing"],
    [{ type: "constructor" }, "constructor"],
    [{ type: "say", text: " " }, "empty"],
    [{ type: "say", text: "x".repeat(2001) }, "2,000"],
    [{ type: "move", room: "" }, "room"],
    [{ type: "name", name: "a\nb" }, "name"],
    [null, "undefined"],
  ];
  for (const [message, named] of cases) {
    const answer = await hub.message(ada, typeof message === "string" ? message : JSON.stringify(message));
    assert.equal(answer.status, 400);
    assert.ok(answer.body.includes(named), answer.body);
  }
  assert.match((await hub.message(undefined, "{}")).body, /Roomcast-Connection/);
  assert.deepEqual(received(bob), []);
});

test("rooms may have the names of JavaScript's own", async () => {
  const eve = await hub.connect("/sse?name=toString&room=constructor");
  await hub.advance(GATHER);
  assert.deepEqual(received(eve)[1], presence("constructor", 1, ["toString"], []));
});

test("a reload goes unnoticed, and foreign state is refused", async () => {
  await hub.connect("/sse?name=Eve&room=tea");
  const saved = (await hub.reload()).json();
  assert.deepEqual(saved.presence, { changes: { tea: { joined: ["Eve"], left: [], more: 0 } } });
  assert.deepEqual(saved.people[ada.id], { name: "Ada", room: "tea" });
  await hub.advance(GATHER);
  assert.deepEqual(received(ada), [presence("tea", 3, ["Eve"], [])]);
  assert.throws(() => lobby.restore({ json: () => ({}) }), /people/);
});

test("after a crash people are known by their tags", async () => {
  await lobby.restore({ json: () => ({ people: {}, presence: { changes: {} } }) });
  const eve = await hub.connect("/sse?name=Eve&room=tea");
  assert.deepEqual(received(eve)[0], welcome(eve, "Eve", "tea", ["Ada", "Bob", "Eve"]));
  await hub.message(ada, { type: "say", text: "hi" });
  assert.equal(received(bob)[0][1].name, "Ada");
});

test("ten thousand arrivals cost a few broadcasts", async () => {
  hub.broadcasts();
  let last;
  for (let number = 0; number < 10_000; number++) {
    last = await hub.connect(`/sse?name=n${number}`);
    await hub.advance(0.1);
  }
  await hub.advance(GATHER);
  const told = hub.broadcasts().map(({ event }) => JSON.parse(event.data));
  assert.ok(told.length <= 4, `${told.length} broadcasts`);
  assert.equal(told.reduce((sum, { joined, more }) => sum + joined.length + more, 0), 10_000, "nobody is forgotten");
  const [[, { people, count }]] = received(last);
  assert.deepEqual([people.length, count], [50, 10_000]);
});
