// node check.mjs ROOMCAST: what the tests beside this folder check in Node.js, in the engine. It builds it first.
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
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

/** The line of the plugin that has this text. */
async function lineOf(text) {
  const lines = (await readFile(join(here, "plugin.js"), "utf8")).split("\n");
  return lines.findIndex((line) => line.includes(text)) + 1;
}

let url;
try {
  url = `http://${JSON.parse(await until(() => readFile(ports, "utf8").catch(() => ""))).listen}`;
  for (const name of ["async", "text", "web", "store", "config", "timer", "console", "nested", "signal"]) {
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
  const faults = {
    deep: /onMessage failed: RangeError: Maximum call stack size exceeded/,
    fault: new RegExp(`onMessage failed: TypeError: cannot read property 'field' of undefined, at fault \\(plugin\\.js:${await lineOf("fault()")}\\), at `),
    refused: new RegExp(`onMessage failed: HostError: .room.: a room's name must not be empty, at refused \\(plugin\\.js:${await lineOf("refused:")}\\), at `),
    kept: /onMessage failed: Error: the request was read after its call/,
    missing: /setTimeout is not defined \(a plugin has no event loop/,
    never: /a promise that nothing will settle/,
  };
  for (const [name, message] of Object.entries(faults)) {
    assert.deepEqual(await ask(name), [500, "the plugin has failed"], name);
    await logs(message);
  }
  assert.equal((await ask("background"))[0], 200);
  await logs(/onMessage failed: Error: in the background/);
  await logs(/text \{a: \[1, "b"\], m: Map \{"k" => Set \{1\}\}\} null undefined 5n/);
  assert.deepEqual(await ask("fired"), [200, '["first"]'], "faults end no instance");
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
