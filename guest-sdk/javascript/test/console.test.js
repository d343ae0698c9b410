// console and the answers of fetch, as in Node.js where they can be compared.
import assert from "node:assert/strict";
import { test } from "node:test";
import { format as native } from "node:util";
import { definePlugin } from "roomcast";
import { FakeHub } from "roomcast/testing";
import { console, endGroups } from "../src/platform/console.js";
import { checkOptions } from "../src/platform/fetch-options.js";
import { FetchResponse } from "../src/platform/fetch-response.js";
import { format, inspect } from "../src/platform/inspect.js";

/** The records that this writes. */
async function logged(work) {
  const hub = await FakeHub.start(definePlugin({ onTimer() {} }));
  work(hub);
  return hub.logs().map(({ level, message }) => `${level} ${message}`);
}

test("a text may say how to write the values after it", () => {
  const cases = [
    ["%s is %d years", "Ada", 36], ["%s", "a", "b", 3], ["100%", 1], ["%s %s", "one"], ["%%", 1], ["100%%"], ["%i %f", "3.9px", "2.5x"], ["%d", "x"], ["%j", { a: [1] }],
    ["%c red", "color: red"], ["%s", null], ["%s", undefined], ["%s %s", true, 5n], ["%d", 5n], ["%d %i %s", -0, "-0.5", -0], ["a", "b"], [1, "b"], ["%x", 1], ["%s"], [],
    ["%d", {}],
  ];
  for (const values of cases) assert.equal(format(values), native(...values), JSON.stringify(values, (_, value) => (typeof value === "bigint" ? `${value}` : value)));
  assert.equal(format(["%s %O", { a: 1 }, [1, { b: "x" }]]), '{a: 1} [1, {b: "x"}]');
  const endless = {};
  endless.self = endless;
  assert.equal(format(["%j", endless]), "{self: [itself]}");
});

test("tables are drawn", async () => {
  const people = [{ name: "Ada", age: 36 }, { name: "Bob", city: "Rome" }];
  assert.deepEqual(await logged(() => console.table(people)), [
    "info ┌─────────┬───────┬─────┬────────┐",
    "info │ (index) │ name  │ age │ city   │",
    "info ├─────────┼───────┼─────┼────────┤",
    'info │ 0       │ "Ada" │ 36  │        │',
    'info │ 1       │ "Bob" │     │ "Rome" │',
    "info └─────────┴───────┴─────┴────────┘",
  ]);
  const lines = await logged(() => { console.table({ a: 1, b: [2] }); console.table(people, ["city"]); console.table(5); console.table([]); });
  assert.ok(lines.includes("info │ a       │   │ 1      │"), lines.join("\n"));
  assert.ok(lines.includes("info │ b       │ 2 │        │"), lines.join("\n"));
  assert.ok(lines.includes('info │ 1       │ "Rome" │'), lines.join("\n"));
  assert.ok(lines.includes("info 5"));
});

test("groups indent, to the end of their call", async () => {
  const lines = await logged(() => {
    console.group("one");
    console.group();
    console.warn("two\nlines");
    console.groupEnd();
    console.groupEnd();
    console.groupEnd();
    console.log("out");
    console.group("open");
    endGroups();
    console.log("next");
  });
  assert.deepEqual(lines, ["info one", "warn     two", "warn     lines", "info out", "info open", "info next"]);
});

test("times and counts", async () => {
  const lines = await logged((hub) => {
    console.time();
    console.time();
    hub.advance(1500);
    console.timeLog("default", "so far");
    console.timeEnd();
    console.timeEnd();
    console.time("x");
    console.timeEnd("x");
    console.count();
    console.count();
    console.countReset();
    console.count();
    console.assert(true, "no");
    console.assert(false);
    console.assert(false, "%s!", "yes");
  });
  assert.deepEqual(lines, [
    "warn Label 'default' already exists for console.time()",
    "info default: 1.500s so far",
    "info default: 1.500s",
    "warn No such label 'default' for console.timeEnd()",
    "info x: 0ms",
    "info default: 1",
    "info default: 2",
    "info default: 1",
    "error assertion failed",
    "error assertion failed: yes!",
  ]);
});

test("an error says what it was caused by", async () => {
  const error = new Error("outer", { cause: new TypeError("inner", { cause: "a text" }) });
  assert.equal(inspect(error), 'Error: outer\ncaused by TypeError: inner\ncaused by "a text"');
  error.cause.cause = error;
  assert.equal(inspect(error), "Error: outer\ncaused by TypeError: inner\ncaused by [itself]");
  const hub = await FakeHub.start(definePlugin({ onMessage() { throw error; } }));
  await hub.message(undefined, "");
  assert.match(hub.logs()[0].message, /^onMessage failed: Error: outer, caused by TypeError: inner, caused by Error: outer, caused by /);
});

test("an answer has its status in words, and says what was not JSON", async () => {
  const page = new FetchResponse("https://example.org/", 502, [["content-type", "text/html"]], new TextEncoder().encode("<html>"));
  assert.deepEqual([page.statusText, page.ok, await page.text()], ["Bad Gateway", false, "<html>"]);
  assert.equal(new FetchResponse("", 299, [], new Uint8Array()).statusText, "");
  await assert.rejects(page.json(), { name: "SyntaxError", message: /^fetch https:\/\/example\.org\/: the answer is not JSON \(status 502, text\/html\): / });
});

test("options of fetch that would be ignored are refused", () => {
  checkOptions({ method: "GET", body: undefined, signal: undefined, credentials: "omit", redirect: "follow" });
  assert.throws(() => checkOptions({ signal: {} }), /fetch takes no `signal` here/);
  assert.throws(() => checkOptions({ timeout: 5 }), /fetch takes no `timeout` here: .*fetches\.start takes `timeoutMs`/);
  assert.throws(() => checkOptions({ header: {} }), /fetch has no option `header`: did you mean `headers`\?/);
  assert.throws(() => checkOptions({ json: {} }), /fetch has no option `json`: it takes method, headers, body/);
});
