// What passes between a plugin and the host: ids, requests, bodies, texts, lists that come in pages.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Body, Connection, definePlugin, hub, Rejection } from "roomcast";
import { FakeHub } from "roomcast/testing";

test("a connection is a UUID, as text and in JSON", async () => {
  await FakeHub.start(definePlugin({ onConnect() {} }));
  const id = "0192f3c4-7b1e-4c55-9c0e-2f6d1c1b8a77";
  const connection = new Connection(id.toUpperCase());
  assert.deepEqual([connection.id, String(connection), JSON.stringify({ connection })], [id, id, `{"connection":"${id}"}`]);
  assert.deepEqual([connection.isOpen(), new Connection("ffffffff-ffff-ffff-ffff-ffffffffffff").isOpen()], [false, false]);
});

test("a request is read as it is asked for, and only in its call", async () => {
  const kept = [];
  const fake = await FakeHub.start(definePlugin({
    onConnect: (_, request) => void kept.push(request),
    async onMessage(_, request) {
      await null;
      kept.push(request);
      const { method, path, query, headers, peer, lastEventId } = request;
      return { json: { method, path, query, headers, peer, lastEventId, host: request.header("HOST"), none: request.header("x") } };
    },
  }));
  const answer = await fake.message(undefined, "", { url: "/send?a=1?b", headers: { Host: "a" }, peer: "[::1]:2", lastEventId: "7" });
  const expected = { method: "POST", path: "/send", query: "a=1?b", headers: [["host", "a"]], peer: "[::1]:2", lastEventId: "7", host: "a" };
  assert.deepEqual(answer.json(), expected);
  await fake.connect();
  for (const request of kept) {
    for (const read of [() => request.path, () => request.header("host"), () => request.parameter("a")]) {
      assert.throws(read, { message: "the request was read after its call: read what you need of it in the hook, and keep that" });
    }
  }
});

test("a body is bytes, and text if it is UTF-8", async () => {
  const fake = await FakeHub.start(definePlugin({
    onMessage: (_, __, body) => ({ json: [body.isText, body.textLossy(), [...body.bytes()]] }),
  }));
  assert.deepEqual((await fake.message(undefined, "ü")).json(), [true, "ü", [0xc3, 0xbc]]);
  assert.deepEqual((await fake.message(undefined, new Uint8Array([0x61, 0xff]))).json(), [false, "a\ufffd", [0x61, 0xff]]);
  assert.throws(() => new Body(new Uint8Array([0xff])).text(), { name: "Rejection", status: 400 });
  assert.deepEqual(new Body("[1]").json(), [1]);
});

test("halves of surrogate pairs become U+FFFD wherever text goes out", async () => {
  const half = "a\ud800";
  const fake = await FakeHub.start(definePlugin({
    onConnect(connection, request) {
      connection.join(half);
      connection.tag = half;
      connection.send({ data: half, event: half, id: half });
      connection.comment(half);
      hub.broadcast(half, half);
      if (request.query) throw new Rejection(403, half, { "x-a": half });
    },
    onMessage: () => ({ body: half, headers: { "x-a": half } }),
  }));
  const ada = await fake.connect();
  assert.deepEqual([ada.rooms(), ada.tag, fake.comments(ada)], [["__all", "a\ufffd"], "a\ufffd", ["a\ufffd"]]);
  assert.deepEqual(fake.received(ada), [{ data: "a\ufffd", event: "a\ufffd", id: "a\ufffd" }, { data: "a\ufffd" }]);
  const { body, headers } = await fake.message(ada, "");
  assert.deepEqual([body, headers], ["a\ufffd", { "x-a": "a\ufffd" }]);
  await assert.rejects(fake.connect("/sse?x"), { message: "a\ufffd", headers: [["x-a", "a\ufffd"]] });
});

test("members come page by page, or one by one", async () => {
  const fake = await FakeHub.start(definePlugin({ onConnect(connection) { connection.join("tea"); } }));
  const all = [];
  for (let number = 0; number < 5; number++) all.push((await fake.connect()).id);
  const first = hub.members("tea", { limit: 2 });
  const second = hub.members("tea", { limit: 2, at: first.next });
  const last = hub.members("tea", { limit: 2, at: second.next });
  assert.deepEqual([first.total, second.total, last.next], [5, 5, undefined]);
  assert.deepEqual([...first.members, ...second.members, ...last.members].map(String).sort(), [...all].sort());
  assert.deepEqual([...hub.allMembers("tea")].map(String).sort(), [...all].sort());
  assert.deepEqual([...hub.allMembers("none")], []);
});

test("state that cannot be saved refuses the new version with the text", async () => {
  const fake = await FakeHub.start(definePlugin({
    save() { throw new Error("not now"); },
    restore() {},
  }));
  await assert.rejects(fake.reload(), { message: "not now" });
});
