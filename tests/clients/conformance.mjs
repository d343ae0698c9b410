// What every JavaScript client must make of a stream, whichever it is: see cases.json.

import { readFileSync } from "node:fs";
import { Inbox, holds, same } from "./report.mjs";
import { disconnect, publish } from "./server.mjs";

const { cases, refused, reconnect } = JSON.parse(readFileSync(new URL("cases.json", import.meta.url), "utf8"));

/** The event types that the cases dispatch: what a client has to listen to. */
export const TYPES = [...new Set(cases.map(({ dispatch }) => dispatch.type))];

/** A client's stream, as the checks see it. Whoever drives the client fills it. */
export class Stream {
  /** Events of `TYPES`, each `{ type, data, lastEventId }`. */
  events = new Inbox();
  /** The `Last-Event-ID` header of each request for the stream, null for none. */
  requests = new Inbox();
  /** The `Roomcast-Connection` header of each answer: the connection's id. */
  connections = new Inbox();
}

/** Checks everything that cases.json says, on a stream that is about to open. */
export async function checkStream(stream) {
  same("the first request has no Last-Event-ID", await stream.requests.next("the first request"), null);
  const connection = await stream.connections.next("the stream to open");
  for (const each of cases) await checkCase(stream, each);
  for (const { name, publish: event } of refused) {
    const answer = await publish(event);
    holds(`refused: ${name}`, answer.status >= 400 && answer.status < 500, `${answer.status} ${answer.text}`);
  }
  await checkCase(stream, { ...cases[0], name: "of what was refused, nothing was sent" });
  await checkReconnect(stream, connection);
}

async function checkCase(stream, { name, publish: event, dispatch, times = 1 }) {
  const answer = await publish({ ...event, data: event.data.repeat(times) });
  if (!answer.receivers) throw new Error(`publishing "${name}" reached nobody: ${answer.status} ${answer.text}`);
  const got = await stream.events.next(`the event "${name}"`);
  same(name, got, { ...dispatch, data: dispatch.data.repeat(times) });
}

async function checkReconnect(stream, first) {
  let connection = first;
  for (const { name, publish: event, lastEventId } of reconnect) {
    await publish(event);
    await stream.events.next(`the event before "${name}"`);
    await disconnect(connection);
    same(`reconnect: ${name}`, await stream.requests.next("the client to come back"), lastEventId);
    const next = await stream.connections.next("the stream to open again");
    holds("a reconnect is a new connection", next !== connection, next);
    connection = next;
  }
  await publish({ data: "still here", id: "" });
  same("and events arrive again", (await stream.events.next("an event after the reconnects")).data, "still here");
}
