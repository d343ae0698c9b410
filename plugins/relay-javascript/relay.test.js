import assert from "node:assert/strict";
import { test } from "node:test";
import { FakeHub } from "roomcast/testing";
import { read } from "./model.js";
import plugin from "./plugin.js";

const EMPTY = { version: 1, asked: 0, questions: [] };
const upstream = "http://127.0.0.1:9000/answer";

/** A hub with a client that has read its welcome. */
async function start(config = { upstream }) {
  const hub = await FakeHub.start(plugin, { config });
  plugin.restore({ json: () => EMPTY });
  const ada = await hub.connect();
  assert.deepEqual(hub.received(ada), [{ event: "welcome", data: JSON.stringify({ connection: ada.id }) }]);
  return { hub, ada, ask: (prompt, by = ada) => hub.message(by, { type: "ask", prompt }), seen: () => seen(hub, ada) };
}

const seen = (hub, connection) => hub.received(connection).map(({ event, data }) => [event, JSON.parse(data)]);
const say = (token) => `data: ${JSON.stringify({ token })}\n\n`;

test("tokens reach who has asked, and nobody else", async () => {
  const { hub, ada, ask, seen: adaSees } = await start({ upstream, authorization: "Bearer a" });
  const bob = await hub.connect();
  hub.received(bob);
  const answer = await ask("Wie geht's?");
  assert.deepEqual([answer.status, answer.headers["content-type"], answer.json()], [202, "application/json", { ask: 1 }]);
  assert.equal((await ask("again", bob)).json().ask, 2);
  const [first, second] = hub.fetches();
  const headers = { accept: "text/event-stream", authorization: "Bearer a", "content-type": "application/json" };
  assert.deepEqual([first.url, first.method, first.headers, first.body], [upstream, "POST", headers, '{"prompt":"Wie geht\'s?"}']);
  assert.deepEqual([first.token, first.connection], [`${ada.id} 1`, ada.id]);
  await hub.chunk(first, `${say("Gu")}${say("t, ü")}data: {"tok`);
  await hub.chunk(second, say("not for Ada"));
  await hub.reload();
  await hub.chunk(first, 'en":"🎉"}\r\n\r\ndata: [DONE]\n\ndata: late');
  assert.deepEqual(adaSees(), [["token", { ask: 1, text: "Gut, ü" }], ["token", { ask: 1, text: "🎉" }], ["done", { ask: 1 }]]);
  assert.deepEqual(hub.fetches().map(({ id }) => id), [second.id]);
  assert.equal((await ask("next")).json().ask, 3);
});

test("what is no question is refused, and so is a second one", async () => {
  const { hub, ada, ask } = await start();
  for (const prompt of [undefined, 7, "", " \n", "ü".repeat(4001)]) assert.equal((await ask(prompt)).status, 400);
  for (const body of ["{", "null", "7", '{"type":"x"}']) assert.equal((await hub.message(ada, body)).status, 400);
  assert.equal((await ask("x", undefined)).status, 202);
  assert.equal((await hub.message(undefined, { type: "stop" })).status, 400);
  assert.equal((await ask("🎉".repeat(4000))).status, 400);
  const stopped = await hub.message(ada, { type: "stop" });
  assert.deepEqual([stopped.status, stopped.body, hub.fetches()], [202, "", []]);
  assert.equal((await hub.message(ada, { type: "stop" })).status, 202);
  assert.equal((await ask("🎉".repeat(4000))).status, 202);
});

test("what fails is told once, with the reason", async () => {
  const { hub, ask, seen } = await start();
  const cases = [
    [(fetch) => hub.respond(fetch, { status: 500 }), "the model answers with status 500"],
    [(fetch) => hub.chunk(fetch, "data: nonsense\n"), "the model said something that is not JSON"],
    [(fetch) => hub.chunk(fetch, new Uint8Array([0xff])), "the model said something that is not JSON"],
    [(fetch) => hub.chunk(fetch, "x".repeat(65_537)), "the model sent a line that is too long"],
    [(fetch) => hub.end(fetch), "the answer broke off"],
    [(fetch) => hub.end(fetch, { kind: "unreachable", reason: "nobody" }), "the model cannot be asked: nobody"],
    [(fetch) => hub.end(fetch, { kind: "limit-exceeded", key: "capabilities.http.stream_bytes" }), "a limit was reached: capabilities.http.stream_bytes"],
    [(fetch) => hub.end(fetch, { kind: "interrupted" }), "the plugin was started again"],
  ];
  for (const [happens, why] of cases) {
    const { ask: number } = (await ask("x")).json();
    await happens(hub.fetches()[0]);
    assert.deepEqual([seen(), hub.fetches()], [[["failed", { ask: number, why }]], []]);
  }
});

test("who asked is told when the state is lost, unless it has gone", async () => {
  const { hub, ada, ask, seen } = await start();
  await ask("x");
  plugin.restore({ json: () => EMPTY });
  const [fetch] = hub.fetches();
  await hub.chunk(fetch, say("lost"));
  await hub.end(fetch, { kind: "interrupted" });
  assert.deepEqual(seen(), [["failed", { ask: 1, why: "the plugin was started again" }]]);
  await ask("y");
  await hub.disconnect(ada);
  assert.deepEqual([seen(), hub.fetches(), hub.logs()], [[], [], []]);
});

test("without an upstream it does not start", async () => {
  await assert.rejects(FakeHub.start(plugin), /set `upstream`/);
});

test("lines are read wherever the pieces end", () => {
  const whole = `: hi\nevent: x\ndata:${JSON.stringify({ token: "a" })}\r\n\ndata: {"token":""}\ndata: {"other":1}\ndata: 5\n${say("ü🎉")}data: [DONE]\n`;
  for (let cut = 0; cut < whole.length - 1; cut++) {
    const first = read("", whole.slice(0, cut));
    const { text, end } = read(first.rest, whole.slice(cut));
    assert.deepEqual([first.text + text, end], ["aü🎉", {}]);
  }
  assert.deepEqual(read("", `${"ü".repeat(32_768)}\r\n`).rest, "");
  assert.ok(read("", `${"ü".repeat(32_768)}x\n`).end.why);
});
