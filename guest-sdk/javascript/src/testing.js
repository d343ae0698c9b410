// Unit tests without WebAssembly: a hub in the test's own process, under `node --test` or any other runner.
import { presentable } from "./answers.js";
import { stored } from "./body.js";
import { exportsOf } from "./component.js";
import { toHalves } from "./connection-id.js";
import { Connection } from "./connection.js";
import { fromEvent, toEvent } from "./event.js";
import { interfaces } from "./hooks.js";
import { start } from "./platform/started.js";
import { Rejection } from "./rejection.js";
import { unsettled } from "./run.js";
import { checked, rejected } from "./testing/answer.js";
import { toBytes } from "./testing/content.js";
import * as rules from "./testing/rules.js";
import { follow, realNow, within } from "./testing/time.js";
import { World, hold } from "./testing/world.js";

/** The host's answer when the last plugin of the chain passes a message on. */
const UNANSWERED = { status: 404, headers: [], body: "no plugin takes this message" };

export class FakeHub {
  #world;
  #plugin;
  #hooks;

  constructor(world, plugin) {
    this.#world = world;
    this.#plugin = plugin;
    this.#hooks = exportsOf(plugin, runLater);
  }

  static async start(plugin, { config = {}, now = realNow() } = {}) {
    start();
    const hooks = interfaces(plugin);
    const world = new World({ config, now: Number(now) }, { hasTimerHook: hooks.includes("timer"), hasFetchHook: hooks.includes("fetch-events") });
    follow();
    const hub = new FakeHub(world, plugin);
    await hub.#call("lifecycle", "init").catch(fail);
    return hub;
  }

  /** Calls a hook on this hub's world; the contract's errors are rethrown wrapped in an Error. */
  async #call(interfaceName, hook, ...values) {
    hold(this.#world);
    return this.#hooks[interfaceName][hook](...values);
  }

  async connect(request = "/sse") {
    const id = this.#world.open();
    if (this.#plugin.onConnect) {
      try {
        await this.#call("connect", "onConnect", toHalves(id), rules.request("GET", request)).catch(reject("onConnect"));
      } catch (rejection) {
        this.#world.turnAway(id);
        await this.#settle();
        throw rejection;
      }
    }
    await this.#settle();
    return new Connection(id);
  }

  async disconnect(connection, reason = "client-closed") {
    if (this.#world.isOpen(connection.id)) this.#world.end(connection.id, reason);
    await this.#settle();
  }

  async message(connection, body, request = "/send") {
    if (!this.#plugin.onMessage) throw new Error("the plugin has no onMessage");
    const content = typeof body === "string" || body instanceof Uint8Array ? body : JSON.stringify(body);
    const sender = connection && toHalves(connection.id);
    const called = this.#call("message", "onMessage", sender, rules.request("POST", request), toBytes(content));
    const reply = await called.catch((rejection) => ({ rejection }));
    await this.#settle();
    if (reply.rejection) return { ...rejected("onMessage", reply.rejection), hasPassed: false };
    const hasPassed = reply.tag === "pass";
    return { ...checked("onMessage", hasPassed ? UNANSWERED : reply.val), hasPassed };
  }

  async join(connection, room) {
    if (this.#plugin.onJoin) await this.#call("room", "onJoin", toHalves(connection.id), room).catch(reject("onJoin"));
    this.#world.join(connection.id, rules.room(room));
    await this.#settle();
  }

  async leave(connection, room) {
    const left = this.#world.leave(connection.id, rules.room(room));
    if (left) await this.#call("room", "onLeave", toHalves(connection.id), room);
    await this.#settle();
  }

  async publish(room, event) {
    let published = rules.event(toEvent(event));
    if (this.#plugin.onPublish) {
      const origin = { tag: "api", val: "127.0.0.1:51235" };
      const verdict = await this.#call("publish", "onPublish", room, published, origin);
      if (verdict.tag === "refuse") reject("onPublish")(verdict.val);
      if (verdict.tag === "rewrite") published = rules.event(verdict.val);
    }
    const receivers = this.#world.broadcast([rules.room(room)], published, this.#world.members(room));
    await this.#settle();
    return receivers;
  }

  async advance(milliseconds) {
    const end = this.#world.clock.now + milliseconds;
    for (let token = this.#world.clock.next(end); token !== undefined; token = this.#world.clock.next(end)) {
      await this.#call("timer", "onTimer", token);
      await this.#settle();
    }
  }

  fetches() {
    return this.#world.fetches.all();
  }

  async respond(fetch, { status = 200, headers = {} } = {}) {
    const { token, hasHead } = this.#world.fetches.find(fetch);
    if (hasHead) throw new Error("the head of the answer has already arrived");
    const pairs = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), String(value)]);
    this.#world.fetches.find(fetch).hasHead = true;
    await this.#call("fetchEvents", "onResponse", token, status, pairs);
    await this.#settle();
  }

  async chunk(fetch, content) {
    if (!this.#world.fetches.find(fetch).hasHead) await this.respond(fetch);
    await this.#call("fetchEvents", "onChunk", this.#world.fetches.find(fetch).token, toBytes(content));
    await this.#settle();
  }

  async end(fetch, failure) {
    if (!failure && !this.#world.fetches.find(fetch).hasHead) await this.respond(fetch);
    await this.#ended(this.#world.fetches.find(fetch), failure && asFailure(failure));
    await this.#settle();
  }

  async #ended({ id, token }, failure) {
    this.#world.fetches.cancel(id);
    await this.#call("fetchEvents", "onEnd", token, failure ? { tag: "err", val: failure } : { tag: "ok" });
  }

  /** The module's variables keep their values: those that `restore` does not assign are unchanged. */
  async reload() {
    const saved = await this.#call("state", "save").catch(fail);
    const old = this.#world.beginInstance();
    try {
      await this.#call("lifecycle", "init").catch(fail);
      if (saved.length > 0 || this.#plugin.restore) await this.#call("state", "restore", saved).catch(fail);
    } catch (error) {
      this.#world.keepInstance(old);
      throw error;
    }
    this.#world.clock.adopt(old.timers);
    await this.#settle();
    return saved.length > 0 || this.#plugin.save ? stored(saved, "the saved state") : undefined;
  }

  received(connection) {
    return this.#world.inbox(connection.id).events.splice(0).map((event) => strip(fromEvent(event)));
  }

  comments(connection) {
    return this.#world.inbox(connection.id).comments.splice(0);
  }

  broadcasts() {
    return this.#world.broadcasts.splice(0).map((made) => ({ ...made, event: strip(fromEvent(made.event)) }));
  }

  logs() {
    return this.#world.records.splice(0);
  }

  rooms() {
    return this.#world.roomNames();
  }

  timers() {
    return this.#world.clock.size;
  }

  configure(key, value) {
    this.#world.config[key] = String(value);
  }

  /** Call the hooks for connections that have ended since, including those that the plugin closed. Also those that the plugin does
   *  not have: the SDK forgets the states. */
  async #settle() {
    for (let ending = this.#world.nextEnding(); ending; ending = this.#world.nextEnding()) {
      for (const room of ending.rooms) {
        await this.#call("room", "onLeave", toHalves(ending.id), room);
      }
      await this.#call("disconnect", "onDisconnect", toHalves(ending.id), ending.reason);
      this.#world.forget(ending.id);
      for (const fetch of this.#world.fetches.for(ending.id)) await this.#ended(fetch, { tag: "connection-closed" });
    }
  }
}

/** Converts to the contract's `failure`. */
function asFailure({ kind, reason = "as the test wants it", key }) {
  return { tag: kind, val: kind === "limit-exceeded" ? { key, reason } : reason };
}

/** The deadline of a call, in milliseconds: the host's, by default. */
const DEADLINE = 1000;

/** In tests, promises are the engine's own. */
async function runLater(hook, { work, told, failed, ended }) {
  try {
    const value = work();
    return told(typeof value?.then === "function" ? await within(DEADLINE, value, () => new Error(unsettled(hook))) : value);
  } catch (error) {
    return failed(presentable(error));
  } finally {
    ended();
  }
}

function fail(text) {
  throw new Error(text);
}

/** Throws a hook's rejection, as the host would send it. */
function reject(hook) {
  return (rejection) => {
    rejected(hook, rejection);
    throw new Rejection(rejection.status, rejection.body, rejection.headers);
  };
}

/** Without fields that are not set, so that it can be compared. */
function strip(event) {
  return Object.fromEntries(Object.entries(event).filter(([, value]) => value !== undefined));
}
