// From what an author writes to `event` of the contract.
import { fields, isPlain, json, text, u32 } from "./arguments.js";
import { show } from "./show.js";

const FIELDS = ["data", "event", "id", "retryMs"];

/** A string is an event that has nothing but data. */
export function toEvent(value) {
  if (typeof value === "string") return { data: text(value, "the event") };
  if (!isPlain(value)) throw new TypeError(`an event is a string, or an object { data, event, id, retryMs }, not ${show(value)}`);
  const { data, event, id, retryMs } = fields(value, "an event", FIELDS);
  if (data === undefined) throw new TypeError("an event needs `data`: a string, or any value that can be JSON");
  return {
    data: typeof data === "string" ? text(data, "event.data") : json(data, "event.data"),
    event: event === undefined || event === null ? undefined : text(event, "event.event"),
    id: id === undefined || id === null ? undefined : text(typeof id === "number" ? String(id) : id, "event.id"),
    retryMs: retryMs === undefined || retryMs === null ? undefined : u32(retryMs, "event.retryMs"),
  };
}

/** An event that comes from outside: fields that are not set are undefined. */
export function fromEvent({ data, event, id, retryMs }) {
  // The engine takes what is above 2,147,483,647 for negative (componentize-qjs 0.4.5).
  return { data, event: event ?? undefined, id: id ?? undefined, retryMs: typeof retryMs === "number" ? retryMs >>> 0 : undefined };
}
