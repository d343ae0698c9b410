import { type Connection, definePlugin, hub, Rejection, timers } from "roomcast";

interface Person {
  id: string;
  name: string;
  state: "active" | "away" | "typing" | "left";
}

/** The people who have changed, by id, since the others were told. */
const changes = new Map<string, Person>();

export default definePlugin({
  // A client opens /sse?name=Ada.
  onConnect(connection, request) {
    const name = request.parameter("name") ?? "";
    if (name === "" || [...name].length > 40) {
      throw new Rejection(400, "a name of 1 to 40 characters is required: /sse?name=Ada");
    }
    // The beginning of the connection's id: who knows the whole can post in its name.
    put(connection, { id: connection.id.slice(0, 8), name, state: "active" });
    connection.send({ event: "people", data: people() });
  },

  // A client posts {"state": "typing"}.
  onMessage(connection, request, body) {
    if (!connection) throw new Rejection(400, "name your stream in the header Roomcast-Connection");
    const state = body.json()?.state;
    if (!["active", "away", "typing"].includes(state)) {
      throw new Rejection(400, '`state` is "active", "away" or "typing"');
    }
    put(connection, { ...personOf(connection), state });
  },

  onDisconnect(connection) {
    note({ ...personOf(connection), state: "left" });
  },

  onTimer() {
    const changed = [...changes.values()];
    changes.clear();
    // After a reload the timer goes on, but the changes are lost: then everyone gets everything.
    const event = changed.length > 0 ? { event: "presence", data: changed } : { event: "people", data: people() };
    hub.broadcast("__all", event);
  },
});

/** A connection's tag is the person. The hub keeps it, so it outlives this instance. */
function put(connection: Connection, person: Person): void {
  connection.tag = JSON.stringify(person);
  note(person);
}

function personOf(connection: Connection): Person {
  return JSON.parse(connection.tag ?? "");
}

/** Have the others told, together with what else changes in the next quarter of a second. */
function note(person: Person): void {
  if (changes.size === 0) timers.after(250, "tell");
  changes.set(person.id, person);
}

/** Everyone who is here. */
function people(): Person[] {
  return [...hub.allMembers("__all")].map(personOf);
}
