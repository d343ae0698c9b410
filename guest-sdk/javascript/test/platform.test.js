// The SDK's polyfills, compared with Node.js.
import assert from "node:assert/strict";
import { test } from "node:test";
import { structuredClone } from "../src/platform/clone.js";
import { drain, Promise as Settling, queueMicrotask } from "../src/platform/promise.js";
import { URLSearchParams as Params } from "../src/platform/search-params.js";
import { TextDecoder as Decoder, TextEncoder as Encoder } from "../src/platform/text.js";

// The engine has these; Node.js does from version 25 on.
Uint8Array.fromBase64 ??= (text) => new Uint8Array(Buffer.from(text, "base64"));
Uint8Array.prototype.toBase64 ??= function () { return Buffer.from(this).toString("base64"); };

test("text coding is that of the standard", () => {
  const native = { encoder: new TextEncoder(), decoder: new TextDecoder() };
  for (const text of ["", "abc", "grüße", "🎉 a\0b", "\ufeffbom", "half \ud83c"]) {
    const bytes = new Encoder().encode(text);
    assert.deepEqual(bytes, native.encoder.encode(text), text);
    assert.equal(new Decoder().decode(bytes), native.decoder.decode(bytes), text);
  }
  const broken = [[0xff, 0x61], [0xe2, 0x82, 0x61], [0xf0, 0x9f, 0x8e], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80], [0xe2, 0x28, 0xa1]];
  for (const bytes of broken.map((bytes) => new Uint8Array(bytes))) {
    assert.equal(new Decoder().decode(bytes), native.decoder.decode(bytes), String(bytes));
    assert.throws(() => new Decoder("utf-8", { fatal: true }).decode(bytes), TypeError);
  }
});

test("a stream is decoded wherever its pieces end", () => {
  const whole = new TextEncoder().encode("\ufeffgrüße \ufeff🎉€x");
  const broken = new Uint8Array([0xe2, 0x82, 0x61, 0xf0, 0x9f, 0x8e, 0xe0, 0x80, 0x80, 0xf5, 0x80, 0xc3]);
  for (const bytes of [whole, broken]) {
    for (const options of [{}, { ignoreBOM: true }]) {
      for (let cut = 0; cut <= bytes.length; cut++) {
        for (let end = cut; end <= bytes.length; end++) {
          const pieces = [bytes.subarray(0, cut), bytes.subarray(cut, end), bytes.subarray(end)];
          const read = (decoder) => pieces.map((piece) => decoder.decode(piece, { stream: true })).join("") + decoder.decode();
          const decoder = new Decoder("utf-8", options);
          const text = read(new TextDecoder("utf-8", options));
          assert.equal(read(decoder), text);
          assert.equal(read(decoder), text, "after the end it starts again");
        }
      }
    }
  }
  const fatal = new Decoder("utf-8", { fatal: true });
  fatal.decode(new Uint8Array([0xe2]), { stream: true });
  assert.throws(() => fatal.decode(), TypeError);
});

test("queries are read and written as the standard says", () => {
  for (const query of ["", "a=1&b=2&a=3", "?x=a+b%20c&y", "bad=%ff%zz&c=%C3%B6%", "=v&&k=", "g=grüße!'()~*"]) {
    const [own, native] = [new Params(query), new URLSearchParams(query)];
    assert.deepEqual([...own], [...native], query);
    assert.equal(own.toString(), native.toString(), query);
  }
  const params = new Params({ a: 1 });
  params.append("a", "2");
  params.set("a", "3");
  params.set("b", "4");
  params.delete("c");
  assert.deepEqual([params.getAll("a"), params.get("c"), params.has("b"), params.size], [["3"], null, true, 2]);
});

test("promises settle when they are drained, and not before", () => {
  const log = [];
  Settling.resolve(1).then((value) => { log.push(value); return Settling.reject(new Error("two")); })
    .catch((error) => { log.push(error.message); })
    .finally(() => { log.push("three"); });
  queueMicrotask(() => log.push("first in line after one"));
  assert.deepEqual(log, []);
  assert.deepEqual(drain(), []);
  assert.deepEqual(log, [1, "first in line after one", "two", "three"]);
});

test("promises are combined", () => {
  const results = {};
  const note = (name) => [(value) => { results[name] = value; }, (reason) => { results[name] = reason; }];
  Settling.all([1, Settling.resolve(2), []]).then(...note("all"));
  Settling.all([]).then(...note("none"));
  Settling.allSettled([1, Settling.reject(2)]).then(...note("allSettled"));
  Settling.race([new Settling(() => {}), Settling.resolve("fast")]).then(...note("race"));
  Settling.any([Settling.reject(1), Settling.resolve([3])]).then(...note("any"));
  Settling.any([Settling.reject(1)]).then(...note("noneOfAny"));
  assert.deepEqual(drain(), []);
  assert.deepEqual([results.all, results.none, results.race, results.any], [[1, 2, []], [], "fast", [3]]);
  assert.deepEqual(results.allSettled, [{ status: "fulfilled", value: 1 }, { status: "rejected", reason: 2 }]);
  assert.deepEqual(results.noneOfAny.errors, [1]);
});

test("an unhandled rejection is reported once", () => {
  Settling.reject("lost");
  const late = Settling.reject("caught");
  late.catch(() => {});
  assert.deepEqual(drain(), ["lost"]);
  assert.deepEqual(drain(), []);
});

test("clones share nothing", () => {
  const value = { list: [1, { a: new Date(0) }], map: new Map([["k", new Set([1])]]), bytes: new Uint8Array([1, 2]) };
  value.self = value;
  const copy = structuredClone(value);
  assert.deepEqual(copy, value);
  assert.equal(copy.self, copy);
  copy.map.get("k").add(2);
  copy.bytes[0] = 9;
  assert.deepEqual([value.map.get("k").size, value.bytes[0]], [1, 1]);
  assert.throws(() => structuredClone({ f() {} }), TypeError);
});
