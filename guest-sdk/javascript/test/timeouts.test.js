// setTimeout and setInterval on the fake hub's clock.
import assert from "node:assert/strict";
import { test } from "node:test";
import { definePlugin, timers } from "roomcast";
import { FakeHub } from "roomcast/testing";

/** A hub with a plugin that does what a message names. */
async function hubWith(works, hooks = {}) {
  return FakeHub.start(definePlugin({ onMessage: (_, __, body) => works[body.text()](), ...hooks }));
}

test("a callback comes once, at its time, with its values, and can be cleared", async () => {
  const told = [];
  const hub = await hubWith({
    set() {
      setTimeout((...values) => told.push([Date.now(), ...values]), 20, "a", 1);
      setTimeout(() => told.push("soon"), 0);
      const cleared = setTimeout(() => told.push("cleared"), 5);
      clearTimeout(cleared);
      clearTimeout(cleared);
      for (const odd of [undefined, null, {}, "x", 99]) clearInterval(odd);
      return { json: typeof cleared };
    },
  });
  const begin = Date.now();
  assert.equal((await hub.message(undefined, "set")).json(), "number");
  assert.equal(hub.timers(), 2);
  await hub.advance(1);
  assert.deepEqual(told, ["soon"]);
  await hub.advance(100);
  assert.deepEqual(told, ["soon", [begin + 20, "a", 1]]);
  assert.equal(hub.timers(), 0);
  assert.deepEqual(hub.logs(), []);
});

test("an interval goes on, also after a fault, until it is cleared", async () => {
  const told = [];
  let id;
  const hub = await hubWith({
    set: () => void (id = setInterval(() => { told.push(performance.now()); if (told.length === 2) throw new Error("twice"); if (told.length === 4) clearInterval(id); }, 10)),
  });
  await hub.message(undefined, "set");
  await hub.advance(100);
  assert.deepEqual(told, [10, 20, 30, 40]);
  assert.deepEqual(hub.logs().map(({ message, context }) => [message, context]), [["setInterval failed: Error: twice", "setInterval"]]);
  assert.equal(hub.timers(), 0);
});

test("timeouts are no business of onTimer, nor timers theirs", async () => {
  const told = [];
  const hub = await hubWith(
    { set() { timers.after(10, "token"); setTimeout(() => told.push("timeout"), 5); } },
    { onTimer: (token) => void told.push(token) },
  );
  await hub.message(undefined, "set");
  await hub.advance(10);
  assert.deepEqual(told, ["timeout", "token"]);
});

test("they end with their instance, and do not mistake another's for theirs", async () => {
  const told = [];
  const hub = await hubWith({ set: () => void setTimeout(() => told.push("old"), 50), again: () => void setTimeout(() => told.push("new"), 100) });
  await hub.message(undefined, "set");
  await hub.reload();
  await hub.message(undefined, "again");
  await hub.advance(60);
  assert.deepEqual(told, []);
  await hub.advance(60);
  assert.deepEqual(told, ["new"]);
  assert.deepEqual(hub.logs(), []);
});

test("a refused version does not take them away", async () => {
  const told = [];
  let isBad = false;
  const hub = await hubWith({ set: () => void setTimeout(() => told.push("fired"), 50) }, { init() { if (isBad) throw new Error("no"); } });
  await hub.message(undefined, "set");
  isBad = true;
  await assert.rejects(hub.reload(), /no/);
  await hub.advance(50);
  assert.deepEqual(told, ["fired"]);
});

test("what a callback promises is awaited, and its fault is told", async () => {
  const hub = await hubWith({ set: () => void setTimeout(async () => { await null; throw new Error("later"); }, 5) });
  await hub.message(undefined, "set");
  await hub.advance(5);
  assert.deepEqual(hub.logs().map(({ message }) => message), ["setTimeout failed: Error: later"]);
});

test("a hook cannot wait for one, and is told what to do", async () => {
  const hub = await hubWith({ wait: () => new Promise((done) => setTimeout(done, 10)) });
  assert.equal((await hub.message(undefined, "wait")).status, 500);
  assert.match(hub.logs()[0].message, /onMessage returned a promise that nothing will settle: .* cannot wait for setTimeout/);
});

test("what is no function, and one too many, are refused", async () => {
  const hub = await hubWith({
    text: () => void setTimeout("alert()", 1),
    many() { for (;;) setTimeout(() => {}, 1e12); },
  });
  for (const what of ["text", "many"]) await hub.message(undefined, what);
  const [text, many] = hub.logs().map(({ message }) => message);
  assert.match(text, /TypeError: setTimeout takes a function, not the string "alert\(\)"/);
  assert.match(many, /HostError: `limits\.timers`/);
  assert.equal(hub.timers(), 1000);
});
