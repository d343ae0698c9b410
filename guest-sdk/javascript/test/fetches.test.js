// Fetches: requests, answers, and the events of a stream that arrives in chunks.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { definePlugin, EventReader, fetches, HostError } from "roomcast";
import { FakeHub } from "roomcast/testing";

const told = [];
const listener = definePlugin({
  onConnect(connection, request) {
    fetches.start({ url: "https://example.org/v1", method: "POST", json: { q: 1 }, connection, timeoutMs: 500 }, connection.id);
    if (request.query) connection.close();
  },
  onResponse(token, response) {
    told.push([token, response.status, response.ok, response.header("Content-Type")]);
  },
  async onChunk(token, chunk) {
    told.push([token, chunk.isText ? chunk.text() : [...chunk.bytes()]]);
  },
  onEnd(token, failure) {
    told.push([token, failure ?? "whole"]);
  },
});

test("an answer arrives in chunks, with the token of its fetch", async () => {
  told.length = 0;
  const fake = await FakeHub.start(listener);
  const ada = await fake.connect();
  const [asked] = fake.fetches();
  assert.deepEqual(asked, {
    id: 1,
    token: ada.id,
    url: "https://example.org/v1",
    method: "POST",
    headers: { "content-type": "application/json" },
    body: '{"q":1}',
    connection: ada.id,
    timeoutMs: 500,
  });
  await fake.respond(asked, { status: 404, headers: { "Content-Type": "text/plain" } });
  await fake.chunk(asked, "grüße");
  await fake.chunk(asked, new Uint8Array([0xff]));
  await fake.reload();
  await fake.end(asked);
  assert.deepEqual(told.map(([, ...rest]) => rest), [[404, false, "text/plain"], ["grüße"], [[255]], ["whole"]]);
  assert.deepEqual(fake.fetches(), []);
  await assert.rejects(fake.chunk(asked, "late"), /not in flight/);
});

test("a fetch fails by itself, and when its connection ends", async () => {
  told.length = 0;
  const fake = await FakeHub.start(listener);
  const [ada] = [await fake.connect(), await fake.connect("/sse?close"), await fake.connect()];
  assert.equal(fake.fetches().length, 2);
  await fake.disconnect(ada);
  const [last] = fake.fetches();
  await fake.end(last, { kind: "limit-exceeded", key: "capabilities.http.stream_timeout", reason: "30s" });
  assert.deepEqual(told.map(([, failure]) => failure.kind), ["connection-closed", "connection-closed", "limit-exceeded"]);
  assert.equal(told[0][1].reason, "the fetch's connection has ended");
  assert.equal(told[2][1].key, "capabilities.http.stream_timeout");
});

test("a cancelled fetch calls no more hooks", async () => {
  const fake = await FakeHub.start(listener);
  const id = fetches.start("http://example.org/", "x");
  assert.deepEqual([fake.fetches()[0].method, fake.fetches()[0].body], ["GET", ""]);
  assert.deepEqual([fetches.cancel(id), fetches.cancel(id), fake.fetches()], [true, false, []]);
});

test("invalid fetches are refused with the argument's name", async () => {
  await FakeHub.start(listener);
  const start = (request, token = "x") => () => fetches.start(request, token);
  const url = "http://example.org/";
  const mistakes = [
    [start({ uri: url }), "a fetch has no `uri`: did you mean `url`?"],
    [start({ method: "GET" }), "`url` must be a string, not undefined"],
    [start({ url, body: { a: 1 } }), "the body of a fetch must be a string, not an object"],
    [start({ url, body: "", json: 1 }), "the fetch has `body` and `json`: it can be only one of them"],
    [start({ url, timeoutMs: 0.5 }), "`timeoutMs` must be a whole number from 0 to 4294967295, not the number 0.5"],
    [() => fetches.start(url), "a fetch's token must be a string, not undefined"],
    [() => fetches.cancel("x"), 'fetches.cancel takes what fetches.start gave, not the string "x"'],
  ];
  for (const [call, message] of mistakes) assert.throws(call, { name: "TypeError", message });
  const refused = [start({ url: "example.org" }), start({ url, headers: { Host: "a" } }), start(url, "x".repeat(1025))];
  for (const call of refused) assert.throws(call, HostError);
  assert.throws(start({ url, connection: "0192f3c4-7b1e-4c55-9c0e-2f6d1c1b8a77" }), { kind: "no-such-connection" });
  await FakeHub.start(definePlugin({ onTimer() {} }));
  assert.throws(start(url), /no hook `onChunk`/);
});

const VECTORS = JSON.parse(readFileSync(new URL("../../../tests/vectors/event-streams.json", import.meta.url), "utf8"));

/** Without fields that are not set, with the table's names. */
const plain = ({ data, event, id, retryMs: retry }) => JSON.parse(JSON.stringify({ data, event, id, retry }));

for (const { what, stream, events } of VECTORS) {
  test(`events are parsed wherever the chunks end: ${what}`, () => {
    const characters = [...stream];
    for (let cut = 0; cut <= characters.length; cut++) {
      let reader = new EventReader();
      const found = reader.push("t", characters.slice(0, cut).join(""));
      assert.deepEqual(reader.push("other", "data: other\n\n").length, 1);
      reader = new EventReader(JSON.parse(JSON.stringify(reader)));
      found.push(...reader.push("t", characters.slice(cut).join("")));
      assert.deepEqual(found.map(plain), events, `cut at ${cut}`);
      reader.end("t");
      reader.end("other");
      assert.equal(JSON.stringify(reader), "{}");
    }
    const one = new EventReader();
    assert.deepEqual(characters.flatMap((character) => one.push("t", character)).map(plain), events);
  });
}

test("an event is complete at its empty line, even if an LF may follow the CR", () => {
  const reader = new EventReader();
  assert.equal(reader.push("t", "data: a\r\r").length, 1);
  assert.equal(reader.push("t", "\n\n").length, 0);
});

test("a line of many chunks and an event of many lines are each joined once", () => {
  const reader = new EventReader();
  reader.push("t", "data: ");
  for (let turn = 0; turn < 200_000; turn++) reader.push("t", "x".repeat(50));
  assert.equal(reader.push("t", "\n\n")[0].data.length, 10_000_000);
  for (let turn = 0; turn < 200_000; turn++) reader.push("t", "data: y\n");
  assert.equal(reader.push("t", "\n")[0].data.length, 399_999);
});
