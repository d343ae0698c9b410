// Requests by HTTP whose answers come piece by piece, to `onResponse`, `onChunk` and `onEnd`.
import * as host from "#host";
import { fields, headers as pairs, isPlain, json, text, u32 } from "./arguments.js";
import { toBytes } from "./body.js";
import { halvesOf } from "./connection.js";
import { call } from "./host-error.js";
import { show } from "./show.js";

const FIELDS = ["url", "method", "headers", "body", "json", "connection", "timeoutMs"];

export function start(request, token) {
  return call(host.startFetch, toOutgoing(request), text(token, "a fetch's token"));
}

export function cancel(fetch) {
  if (!Number.isInteger(fetch) || fetch < 0) throw new TypeError(`fetches.cancel takes what fetches.start gave, not ${show(fetch)}`);
  return host.cancelFetch(fetch);
}

/** From what an author writes to `outgoing` of the contract. */
function toOutgoing(request) {
  if (typeof request === "string") return toOutgoing({ url: request });
  if (!isPlain(request)) throw new TypeError(`a fetch takes a URL, or an object { ${FIELDS.join(", ")} }, not ${show(request)}`);
  const { url, method = "GET", connection, timeoutMs, ...rest } = fields(request, "a fetch", FIELDS);
  const headers = pairs(rest.headers, "the headers of a fetch");
  const asJson = rest.json !== undefined;
  if (asJson && rest.body !== undefined) throw new TypeError("the fetch has `body` and `json`: it can be only one of them");
  if (asJson && !headers.some(([name]) => name === "content-type")) headers.push(["content-type", "application/json"]);
  return {
    method: text(method, "`method`"),
    url: text(url, "`url`"),
    headers,
    body: toContent(asJson ? json(rest.json, "`json`") : (rest.body ?? "")),
    connection: halvesOf(connection, "`connection`"),
    timeoutMs: timeoutMs === undefined || timeoutMs === null ? undefined : u32(timeoutMs, "`timeoutMs`"),
  };
}

/** Text or bytes: an object has to be sent as `json`. */
function toContent(body) {
  return toBytes(body instanceof Uint8Array ? body : text(body, "the body of a fetch"), "the body of a fetch");
}
