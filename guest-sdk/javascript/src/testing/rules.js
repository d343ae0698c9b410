// The rules of the contract, with the host's default limits.
import { HostError } from "../host-error.js";

/** Headers that the host controls. */
export const GOVERNING = ["connection", "content-length", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade"];

const MAX_EVENT_ID = 1 << 10;
const MAX_EVENT_TYPE = 256;
const MAX_EVENT = 256 << 10;
const MIN_RETRY_MS = 500;
const MAX_ROOM_NAME = 256;
const MAX_LIST = 1_000;
export const MAX_ROOMS_PER_CONNECTION = 100;
export const MAX_TEXT = 1 << 10;
export const MAX_TIMERS = 1_000;
export const MAX_FETCHES = 1_000;

export const invalid = (argument, reason) => new HostError("invalid-argument", { argument, reason });
export const limit = (key, reason) => new HostError("limit-exceeded", { key, reason });

export const bytes = (text) => new TextEncoder().encode(text).length;

export function room(name) {
  if (name === "") throw invalid("room", "must not be empty");
  if (bytes(name) > MAX_ROOM_NAME) throw invalid("room", `is at most ${MAX_ROOM_NAME} bytes long`);
  if (/\p{Cc}/u.test(name)) throw invalid("room", "must not contain control characters");
  return name;
}

export function rooms(names) {
  if (names.length > MAX_LIST) throw invalid("rooms", `has more than ${MAX_LIST} entries: make several calls`);
  return names.map(room);
}

export function event(event) {
  const { data, event: name, id, retryMs } = event;
  if (id !== undefined && /\p{Cc}/u.test(id)) throw invalid("event.id", "must not contain control characters");
  if (id !== undefined && bytes(id) > MAX_EVENT_ID) throw invalid("event.id", `is at most ${MAX_EVENT_ID} bytes long`);
  if (name !== undefined) {
    oneLine("event.event", name);
    if (bytes(name) > MAX_EVENT_TYPE) throw invalid("event.event", `is at most ${MAX_EVENT_TYPE} bytes long`);
  }
  if (retryMs !== undefined && retryMs < MIN_RETRY_MS) throw invalid("event.retry_ms", "is at least 500: browsers keep it for good");
  if (bytes(data) > MAX_EVENT) throw limit("limits.event_bytes", "an event takes at most 256 KiB: send less, or a link to it");
  return event;
}

/** A line break in a field would let its author forge other fields. */
export function oneLine(argument, text) {
  if (/[\r\n\0]/.test(text)) throw invalid(argument, "must not contain CR, LF or NUL");
  return text;
}

export function tag(tag) {
  if (tag !== undefined && bytes(tag) > MAX_TEXT) throw limit("limits.tag_bytes", "a tag is at most 1 KiB long: keep the rest in the plugin");
  return tag;
}

export function page(limit) {
  if (limit < 1 || limit > MAX_LIST) throw invalid("limit", `is 1 to ${MAX_LIST}`);
  return limit;
}

/** Validates a fetch's request. */
export function outgoing({ url, method, headers, timeoutMs }) {
  if (timeoutMs === 0) throw invalid("request.timeout-ms", "is at least 1");
  if (!/^https?:\/\/[^/?#@\s]+(?![^/?#])/.test(url)) throw invalid("request.url", "is an address such as https://example.org/path");
  if (!/^[\w!#$%&'*+.^`|~-]+$/.test(method)) throw invalid("request.method", "is a method such as GET");
  for (const [name, value] of headers) {
    if (["host", "expect", ...GOVERNING].includes(name)) throw invalid("request.headers", `\`${name}\` is a header that the host controls: leave it out`);
    oneLine("request.headers", value);
  }
}

/** A request's head as the host lends it, from `"/sse?name=Ada"` or parts of it. */
export function request(method, given) {
  const { url, headers = {}, peer = "127.0.0.1:51234", lastEventId } = typeof given === "string" ? { url: given } : given;
  const [path, ...query] = url.split("?");
  const pairs = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), String(value).toWellFormed()]);
  const values = { method, path, query: query.length > 0 ? query.join("?") : undefined, headers: pairs, peer, lastEventId };
  const methods = Object.fromEntries(Object.entries(values).map(([name, value]) => [name, () => value]));
  return { ...methods, header: (name) => pairs.find(([key]) => key === name.toLowerCase())?.[1] };
}
