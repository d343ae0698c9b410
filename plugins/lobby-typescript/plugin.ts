// Rooms, presence and chat.
//
// A client opens `/sse?name=Ada&room=tea` and gets `welcome`, then `presence` and `chat`; it posts JSON to `/send` to
// say something, to move to another room, or to take another name. The README of plugins/lobby has the messages.
import { type Connection, definePlugin, hub, Rejection } from "roomcast";

import * as names from "./names.ts";
import { type Change, Presence } from "./presence.ts";
import { readMessage } from "./protocol.ts";

const DEFAULT_ROOM = "lobby";
/** How many names a welcome shows. */
const MAX_PEOPLE = 50;

interface Person {
  name: string;
  room: string;
}

/** What goes from one instance to the next. */
interface Saved {
  people: Record<string, Person>;
  presence: { changes: Record<string, Change> };
}

/** Who is in which room, by the connection's id. It is kept small, since there is an entry for every connection. */
let people = new Map<string, Person>();
/** What the rooms have yet to be told. */
let presence = new Presence();

export default definePlugin({
  onConnect(connection, request) {
    const given = request.parameter("name");
    const name = given === undefined ? names.guest(connection) : names.person(given);
    const room = names.room(request.parameter("room") ?? DEFAULT_ROOM);
    connection.join(room);
    connection.tag = name;
    presence.joined(room, name);
    people.set(connection.id, { name, room });
    welcome(connection);
  },

  onDisconnect(connection) {
    const person = people.get(connection.id);
    if (!person) return;
    people.delete(connection.id);
    presence.left(person.room, person.name);
  },

  onMessage(connection, _request, body) {
    if (!connection) throw new Rejection(400, "name your stream: send its id in the header `Roomcast-Connection`");
    const message = readMessage(body);
    switch (message.type) {
      case "say":
        return say(connection, message.text);
      case "move":
        return moveTo(connection, names.room(message.room));
      case "name":
        return rename(connection, names.person(message.name));
    }
  },

  onTimer() {
    presence.tell();
  },

  // A reload goes unnoticed: the state goes from one instance to the next, as JSON.
  save(): Saved {
    return { people: Object.fromEntries(people), presence: presence.toJSON() };
  },

  restore(state) {
    const saved: Partial<Saved> = state.json();
    if (!saved.people || !saved.presence) throw new Error("the saved state is not a lobby's: it has no people, or no presence");
    people = new Map(Object.entries(saved.people));
    presence = new Presence(saved.presence.changes);
    presence.startTimer();
  },
});

function say(connection: Connection, text: string): void {
  const { name, room } = personOf(connection);
  hub.broadcast(room, { event: "chat", data: { room, name, text } });
}

/** The new room comes first, so that a connection is never in none. */
function moveTo(connection: Connection, room: string): void {
  const person = personOf(connection);
  if (person.room !== room) {
    connection.join(room);
    connection.leave(person.room);
    presence.left(person.room, person.name);
    person.room = room;
    presence.joined(person.room, person.name);
  }
  welcome(connection);
}

function rename(connection: Connection, name: string): void {
  const person = personOf(connection);
  if (person.name === name) return;
  connection.tag = name;
  presence.left(person.room, person.name);
  person.name = name;
  presence.joined(person.room, person.name);
}

/** Tell a connection where it is, and with whom. */
function welcome(connection: Connection): void {
  const { name, room } = personOf(connection);
  const { members, total } = hub.members(room, { limit: MAX_PEOPLE });
  const present = members.map(nameOf).filter((found) => found !== undefined);
  connection.send({ event: "welcome", data: { connection, name, room, count: total, people: present } });
}

function nameOf(connection: Connection): string | undefined {
  return people.get(connection.id)?.name ?? connection.tag;
}

/**
 * Who a connection is. After a crash this instance has not seen it come in, but what the hub knows of it is enough: its tag
 * is the name.
 */
function personOf(connection: Connection): Person {
  const known = people.get(connection.id);
  if (known) return known;
  const room = connection.rooms().find(names.isRoom);
  if (room === undefined) throw new Rejection(400, "you are in no room: open the stream again");
  const person = { name: connection.tag ?? "", room };
  people.set(connection.id, person);
  return person;
}
