// The fake hub's state: connections, rooms, and what was sent.
import { HostError } from "../host-error.js";
import * as timeouts from "../platform/due.js";
import * as states from "../state.js";
import { Clock } from "./clock.js";
import { Fetches } from "./fetches.js";
import { limit, MAX_ROOMS_PER_CONNECTION } from "./rules.js";

const AUTO_JOIN_ROOM = "__all";

let current;

/** Makes the host's functions work on this world. */
export function hold(world) {
  current = world;
  world.instance.hold();
}

export function world() {
  if (!current) throw new Error("there is no fake hub: start one with FakeHub.start(plugin)");
  return current;
}

/** What the SDK keeps in the memory of an instance. */
class Instance {
  #states = states.begin();
  #timeouts = timeouts.begin();

  hold() {
    states.use(this.#states);
    timeouts.use(this.#timeouts);
  }
}

export class World {
  instance = new Instance();
  fetches = new Fetches();
  broadcasts = [];
  records = [];
  pairs = new Map();
  #clients = new Map();
  #rooms = new Map();
  #inboxes = new Map();
  #endings = [];
  #opened = 0;

  constructor({ config, now }, { hasTimerHook, hasFetchHook }) {
    this.clock = new Clock(now);
    this.config = Object.fromEntries(Object.entries(config).map(([key, value]) => [key, String(value)]));
    this.hasTimerHook = hasTimerHook;
    this.hasFetchHook = hasFetchHook;
    hold(this);
  }

  /** Another instance of the plugin begins. Returns the old one, and its timers. */
  beginInstance() {
    const old = { instance: this.instance, timers: this.clock.take() };
    this.instance = new Instance();
    hold(this);
    return old;
  }

  /** The new instance was refused. */
  keepInstance({ instance, timers }) {
    this.instance = instance;
    this.clock.putBack(timers);
    hold(this);
  }

  open() {
    // Deterministic ids whose first characters differ.
    const spread = Math.imul(++this.#opened, 0x9e3779b1) >>> 0;
    const id = `${spread.toString(16).padStart(8, "0")}-0000-4000-8000-000000000000`;
    this.#clients.set(id, { rooms: [], tag: undefined, ending: false });
    this.#inboxes.set(id, { events: [], comments: [] });
    this.join(id, AUTO_JOIN_ROOM);
    return id;
  }

  /** A connection that is open, or whose `onDisconnect` is pending. */
  known(id) {
    const client = this.#clients.get(id);
    if (!client) throw HostError.from({ tag: "no-such-connection" });
    return client;
  }

  openClient(id) {
    const client = this.known(id);
    if (client.ending) throw HostError.from({ tag: "closed" });
    return client;
  }

  isOpen(id) {
    return this.#clients.get(id)?.ending === false;
  }

  inbox(id) {
    return this.#inboxes.get(id) ?? { events: [], comments: [] };
  }

  join(id, room) {
    const client = this.openClient(id);
    if (client.rooms.includes(room)) return;
    if (client.rooms.length === MAX_ROOMS_PER_CONNECTION) {
      throw limit("limits.rooms_per_connection", `a connection is in at most ${MAX_ROOMS_PER_CONNECTION} rooms: leave one first`);
    }
    client.rooms.push(room);
    this.#rooms.set(room, [...this.members(room), id]);
  }

  /** Returns whether it was a member. */
  leave(id, room) {
    const client = this.openClient(id);
    if (!client.rooms.includes(room)) return false;
    client.rooms = client.rooms.filter((name) => name !== room);
    this.#out(id, room);
    return true;
  }

  #out(id, room) {
    const left = this.members(room).filter((member) => member !== id);
    if (left.length > 0) this.#rooms.set(room, left);
    else this.#rooms.delete(room);
  }

  members(room) {
    return this.#rooms.get(room) ?? [];
  }

  roomNames() {
    return [...this.#rooms.keys()].sort();
  }

  broadcast(rooms, event, receivers) {
    for (const id of receivers) this.inbox(id).events.push(event);
    this.broadcasts.push({ rooms, event, deliveries: receivers.length });
    return receivers.length;
  }

  /** Starts closing a connection: it leaves all rooms, and its `onDisconnect` is pending. */
  end(id, reason) {
    const client = this.openClient(id);
    client.ending = true;
    for (const room of client.rooms) this.#out(id, room);
    this.#endings.push({ id, reason, rooms: client.rooms });
    client.rooms = [];
  }

  /** Removes a rejected client; it gets no `onDisconnect`. */
  turnAway(id) {
    if (this.isOpen(id)) this.end(id, "rejected");
    this.#endings = this.#endings.filter((ending) => ending.id !== id);
    this.forget(id);
  }

  nextEnding() {
    return this.#endings.shift();
  }

  forget(id) {
    this.#clients.delete(id);
  }
}
