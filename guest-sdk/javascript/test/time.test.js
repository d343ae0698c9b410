// The clock of the fake hub is the plugin's own.
import assert from "node:assert/strict";
import { test } from "node:test";
import { definePlugin, timers } from "roomcast";
import { FakeHub } from "roomcast/testing";

test("time stands still, and moves by as much as the test says", async () => {
  const seen = [];
  const note = () => void seen.push([Date.now(), new Date().getTime(), performance.now()]);
  const plugin = definePlugin({ init() { timers.every(1000, "tick"); note(); }, onTimer: note });
  const begin = new Date("2026-01-01T00:00:00Z");
  const fake = await FakeHub.start(plugin, { now: begin });
  await fake.advance(2500.5);
  note();
  const start = begin.getTime();
  const at = (passed) => [start + Math.floor(passed), start + Math.floor(passed), passed];
  assert.deepEqual(seen, [at(0), at(1000), at(2000), at(2500.5)]);
  assert.equal(new Date(2020, 1, 2).getFullYear(), 2020);
  assert.ok(new Date() instanceof Date);
  assert.equal(Date(), new Date(start + 2500).toString());
});

test("without a time of its own a hub starts now", async () => {
  const before = Date.now();
  await FakeHub.start(definePlugin({ onTimer() {} }));
  assert.ok(Date.now() > before, "the real time is later than that of the other hub");
  assert.equal(performance.now(), 0);
});
