// node check.mjs ROOMCAST: what the tests beside this folder check in Node.js, in the engine. It builds it first.
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { webcrypto } from "node:crypto";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const here = fileURLToPath(new URL(".", import.meta.url));
execFileSync(process.argv[2], ["build", here], { stdio: "inherit" });
const folder = await mkdtemp(join(tmpdir(), "engine-"));
const ports = join(folder, "ports.json");
const flags = ["--listen", "127.0.0.1:0", "--api", "127.0.0.1:0", "--ports-file", ports, "--config", join(here, "roomcast.toml")];
const server = spawn(process.argv[2], ["serve", ...flags], { stdio: ["ignore", "ignore", "pipe"] });
let log = "";
server.stderr.on("data", (text) => { log += text; });

async function until(found) {
  for (let turn = 0; turn < 3000; turn++) {
    const result = await found();
    if (result) return result;
    await new Promise((done) => setTimeout(done, 20));
  }
  throw new Error("it has not come");
}

// The server writes its log after its answer, on a thread of its own.
async function logs(pattern) {
  for (let turn = 0; !pattern.test(log) && turn < 500; turn++) await new Promise((done) => setTimeout(done, 20));
  assert.match(log, pattern);
}

async function ask(name) {
  const answer = await fetch(`${url}/send`, { method: "POST", body: name });
  return [answer.status, await answer.text()];
}

/** A token by an algorithm of Web Cryptography, and its public key in both forms. */
async function signed(alg, algorithm, use = algorithm) {
  const { publicKey, privateKey } = await webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
  const part = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const content = `${part({ alg })}.${part({ sub: "ada", exp: Math.floor(Date.now() / 1000) + 600 })}`;
  const signature = Buffer.from(await webcrypto.subtle.sign(use, privateKey, Buffer.from(content))).toString("base64url");
  const lines = Buffer.from(await webcrypto.subtle.exportKey("spki", publicKey)).toString("base64").replace(/.{64}/g, "$&\n");
  const spki = `-----BEGIN PUBLIC KEY-----\n${lines}\n-----END PUBLIC KEY-----`;
  return { alg, token: `${content}.${signature}`, jwk: await webcrypto.subtle.exportKey("jwk", publicKey), spki };
}

const RSA = { modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]), hash: "SHA-256" };
const TOKENS = [
  ["ES256", { name: "ECDSA", namedCurve: "P-256" }, { name: "ECDSA", hash: "SHA-256" }],
  ["ES384", { name: "ECDSA", namedCurve: "P-384" }, { name: "ECDSA", hash: "SHA-384" }],
  ["RS256", { name: "RSASSA-PKCS1-v1_5", ...RSA }],
  ["PS256", { name: "RSA-PSS", ...RSA }, { name: "RSA-PSS", saltLength: 32 }],
  ["EdDSA", { name: "Ed25519" }],
];

/** jose, as it comes from npm, with tokens that Node.js has made. */
async function tokens() {
  for (const kind of TOKENS) {
    const { alg, token, jwk, spki } = await signed(...kind);
    for (const key of [{ jwk: { ...jwk, key_ops: undefined } }, { spki }]) {
      const [status, claims] = await ask(`jwt ${JSON.stringify({ alg, token, ...key })}`);
      assert.deepEqual([alg, status, JSON.parse(claims).sub], [alg, 200, "ada"]);
    }
    const forged = token.replace(/\.[^.]+\./, `.${Buffer.from('{"sub":"eve"}').toString("base64url")}.`);
    assert.deepEqual(await ask(`jwt ${JSON.stringify({ alg, token: forged, spki })}`), [200, "ERR_JWS_SIGNATURE_VERIFICATION_FAILED"], alg);
  }
}

/** What is kept about rooms and connections outlives the instance. */
async function states() {
  const stream = await fetch(`${url}/sse`);
  const id = stream.headers.get("roomcast-connection");
  const keep = async (about) => (await fetch(`${url}/send?connection=${id}`, { method: "POST", body: `keep ${about}` })).json();
  assert.deepEqual(await keep(""), [null, null]);
  const value = { text: "\ud800 ü", __proto__: null };
  const kept = await keep(JSON.stringify(value));
  assert.deepEqual(kept, [value, { ...value, sender: id }].map((each) => JSON.parse(JSON.stringify(each))));
  assert.equal((await fetch(`${api}/v1/plugins/engine/reload`, { method: "POST" })).status, 200);
  assert.deepEqual(await keep(""), kept);
  assert.equal((await ask("fired"))[1].includes("first"), true, "its own state goes along");
  await stream.body.cancel();
  await until(async () => (await ask("keep"))[1] === "[null,null]");
}

/** The line of the plugin that has this text. */
async function lineOf(text) {
  const lines = (await readFile(join(here, "plugin.js"), "utf8")).split("\n");
  return lines.findIndex((line) => line.includes(text)) + 1;
}

let url;
let api;
try {
  const found = JSON.parse(await until(() => readFile(ports, "utf8").catch(() => "")));
  [url, api] = [`http://${found.listen}`, `http://${found.api}`];
  for (const name of ["async", "text", "web", "store", "config", "timer", "console", "nested", "signal", "subtle"]) {
    assert.deepEqual(await ask(name), [200, '"as it should be"'], name);
  }
  const [one, two] = [JSON.parse((await ask("random"))[1]), JSON.parse((await ask("random"))[1])];
  assert.notEqual(one.uuid, two.uuid);
  assert.notEqual(one.drawn, two.drawn);
  assert.deepEqual(await ask("surrogates"), [200, "\ufffd"]);
  assert.deepEqual(await ask("host"), [200, "`room`: a room's name must not be empty"]);
  assert.deepEqual(await ask("huge"), [200, '{"text":500000}']);
  assert.deepEqual(await ask("reject"), [418, "half \ufffd"]);
  for (let turn = 0; turn < 50; turn++) {
    const stream = await fetch(`${url}/sse?x=1`, { headers: { "x-a": "b" } });
    const id = stream.headers.get("roomcast-connection");
    const expected = `data: ${JSON.stringify({ id, open: true, query: "x=1", header: "b", none: null })}\n\n`;
    let text = "";
    for await (const piece of stream.body.pipeThrough(new TextDecoderStream())) {
      text += piece;
      if (text.includes("data: ")) break;
    }
    assert.ok(text.includes(expected), `${text} has no ${expected}`);
  }
  await until(async () => (await ask("fired"))[1] === '["first"]');
  await tokens();
  const faults = {
    deep: /onMessage failed: RangeError: Maximum call stack size exceeded/,
    fault: new RegExp(`onMessage failed: TypeError: cannot read property 'field' of undefined, at fault \\(plugin\\.js:${await lineOf("fault()")}\\), at `),
    refused: new RegExp(`onMessage failed: HostError: .room.: a room's name must not be empty, at refused \\(plugin\\.js:${await lineOf("refused:")}\\), at `),
    kept: /onMessage failed: Error: the request was read after its call/,
    missing: /setImmediate is not defined \(use setTimeout\(callback, 0\)\)/,
    never: /a promise that nothing will settle/,
    waits: /a promise that nothing will settle: .* cannot wait for setTimeout/,
  };
  for (const [name, message] of Object.entries(faults)) {
    assert.deepEqual(await ask(name), [500, "the plugin has failed"], name);
    await logs(message);
  }
  assert.equal((await ask("background"))[0], 200);
  await logs(/onMessage failed: Error: in the background/);
  await logs(/text \{a: \[1, "b"\], m: Map \{"k" => Set \{1\}\}\} null undefined 5n/);
  await logs(/group of 1/);
  await logs(/  ┌─────────┬───┐/);
  assert.deepEqual(await ask("fired"), [200, '["first"]'], "faults end no instance");
  await states();
  assert.equal((await ask("timeouts"))[0], 200);
  await until(async () => (await ask("fired"))[1] === '["first","timed out","turn 1","turn 2"]');
  await logs(/setTimeout failed: Error: in a timeout, at /);
  assert.equal((await ask("loop"))[0], 503);
  await until(async () => (await ask("fired"))[0] === 200);
  assert.notEqual(JSON.parse((await ask("random"))[1]).drawn, one.drawn, "the next instance draws other numbers");
  console.log("the engine does what it should");
} catch (error) {
  console.error(log);
  throw error;
} finally {
  server.kill();
  await rm(folder, { recursive: true, force: true });
}
