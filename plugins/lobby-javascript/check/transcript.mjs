// node transcript.mjs ROOMCAST ONE.wasm TWO.wasm: holds the same conversation with two lobbies, and one in which each of
// them replaces the other under the open streams. All three have to give the same events. Ids aside.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { copyFile, mkdtemp, readFile, rename, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

const [roomcast, one, two] = process.argv.slice(2);

class Server {
  log = "";

  static async start(component) {
    const server = new Server();
    server.folder = await mkdtemp(join(tmpdir(), "lobby-"));
    server.plugin = join(server.folder, "lobby.wasm");
    await copyFile(component, server.plugin);
    const ports = join(server.folder, "ports.json");
    const flags = ["--listen", "127.0.0.1:0", "--api", "127.0.0.1:0", "--ports-file", ports, "--set", "reload.watch=false"];
    server.process = spawn(roomcast, ["serve", ...flags, server.plugin], { stdio: ["ignore", "ignore", "pipe"] });
    server.process.stderr.on("data", (text) => { server.log += text; });
    const { listen, api } = JSON.parse(await until(() => readFile(ports, "utf8").catch(() => "")));
    return Object.assign(server, { url: `http://${listen}`, api: `http://${api}/v1` });
  }

  async stop() {
    this.process.kill();
    await rm(this.folder, { recursive: true, force: true });
  }

  /** Another component takes over. */
  async replace(component) {
    await copyFile(component, `${this.plugin}.new`);
    await rename(`${this.plugin}.new`, this.plugin);
    const answer = await fetch(`${this.api}/plugins/lobby/reload`, { method: "POST" });
    assert.equal(answer.status, 200, await answer.clone().text());
  }

  async connect(query) {
    const abort = new AbortController();
    const answer = await fetch(`${this.url}/sse${query}`, { signal: abort.signal });
    if (answer.status !== 200) return { status: answer.status, text: await answer.text() };
    const client = new Client(this, answer.headers.get("roomcast-connection"), abort);
    client.read(answer.body);
    return client;
  }
}

class Client {
  events = [];

  constructor(server, id, abort) {
    Object.assign(this, { server, id, abort });
  }

  async read(stream) {
    let rest = "";
    try {
      for await (const piece of stream.pipeThrough(new TextDecoderStream())) {
        const blocks = (rest + piece).split("\n\n");
        rest = blocks.pop();
        this.events.push(...blocks.filter((block) => block.includes("data:")).map((block) => block.replaceAll(this.id, "ID")));
      }
    } catch {
      // It was closed.
    }
  }

  async post(message) {
    const body = typeof message === "string" ? message : JSON.stringify(message);
    const answer = await fetch(`${this.server.url}/send`, { method: "POST", body, headers: { "roomcast-connection": this.id } });
    return answer.status;
  }

  /** The events since the last look, once there are so many. */
  async next(count) {
    await until(() => this.events.length >= count);
    return this.events.splice(0, count);
  }
}

async function until(found) {
  for (let turn = 0; turn < 1500; turn++) {
    const result = await found();
    if (result) return result;
    await new Promise((done) => setTimeout(done, 20));
  }
  throw new Error("it has not come");
}

/** What is said, and what everybody gets to see of it; `between` is called at the places where a reload may be. */
async function converse(server, between) {
  const seen = [];
  const see = (...what) => seen.push(...what);
  const ada = await server.connect("?name=Ada&room=tea");
  see(...await ada.next(2));
  const bob = await server.connect("?name=+Bob+&room=tea");
  see(...await bob.next(2), ...await ada.next(1));
  await between();
  see(await ada.post({ type: "say", text: 'hi "all", grüße 🎉' }), ...await ada.next(1), ...await bob.next(1));
  see(await bob.post({ type: "name", name: "Eve" }), ...await bob.next(1), ...await ada.next(1));
  await between();
  see(await ada.post({ type: "move", room: "cake" }), ...await ada.next(2), ...await bob.next(1));
  see(await ada.post({ type: "move", room: "cake" }), ...await ada.next(1));
  await between();
  // Somebody comes, and the lobby is replaced before it is told.
  const dan = await server.connect("?name=Dan&room=cake");
  await between();
  see(...await dan.next(2), ...await ada.next(1));
  ada.abort.abort();
  see(...await dan.next(1));
  const guest = await server.connect("");
  see((await guest.next(1))[0].replaceAll(guest.id.slice(0, 4), "ID"));
  for (const query of ["?name=", "?room=a%0Ab", `?name=${"x".repeat(41)}`, "?room=__all"]) see(await server.connect(query));
  for (const message of ["hi", { type: "say" }, { type: "sing" }, { type: "say", text: " " }, { type: "say", text: "x".repeat(2001) }]) {
    see(await bob.post(message));
  }
  const nameless = await fetch(`${server.url}/send`, { method: "POST", body: "{}" });
  see(nameless.status, await nameless.text());
  for (const client of [bob, dan, guest]) client.abort.abort();
  return seen;
}

async function transcript(first, between = () => {}) {
  const server = await Server.start(first);
  try {
    return await converse(server, () => between(server));
  } catch (error) {
    console.error(server.log);
    throw error;
  } finally {
    await server.stop();
  }
}

const expected = await transcript(one);
assert.deepEqual(await transcript(two), expected);
let turn = 0;
assert.deepEqual(await transcript(one, (server) => server.replace([two, one][turn++ % 2])), expected);
console.log(`${expected.length} events and answers, three times the same`);
