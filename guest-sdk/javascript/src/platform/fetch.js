// fetch: outgoing HTTP, to the hosts that the operator has granted.
//
// The request has ended when the function returns; the plugin's other calls wait until then. It still returns a promise, so
// that the usual `await fetch(url)` works.
import { handle } from "wasx:http/outgoing-handler@0.2.0";
import { Fields, OutgoingBody, OutgoingRequest } from "wasx:http/types@0.2.0";
import { headers as pairs } from "../arguments.js";
import { toU64 } from "../host/u64.js";
import { checkOptions } from "./fetch-options.js";
import { FetchResponse } from "./fetch-response.js";

const PIECE = 4096;
/** How much is read at once: a u64, of 64 KiB. */
const READ = toU64(65_536);
const METHODS = ["get", "head", "post", "put", "delete", "connect", "options", "trace", "patch"];
const DENIED = "it is not granted: add its host to `allow` of [plugins.capabilities.http]";

export async function fetch(resource, options = {}) {
  const { method = "GET", headers, body } = checkOptions(options);
  const url = String(resource).toWellFormed();
  const { scheme, authority, path } = parse(url);
  const content = body === undefined || body === null ? undefined : bytes(body);
  const sent = pairs(headers?.entries && !Array.isArray(headers) ? [...headers.entries()] : headers, "the headers of a request");
  const add = (name, value) => sent.some(([key]) => key === name) || sent.push([name, value]);
  if (content) add("content-length", String(content.length));
  if (typeof body === "string") add("content-type", "text/plain;charset=UTF-8");
  if (body instanceof URLSearchParams) add("content-type", "application/x-www-form-urlencoded;charset=UTF-8");
  try {
    const request = new OutgoingRequest(Fields.fromList(sent.map(([name, value]) => [name, new TextEncoder().encode(value)])));
    const verb = String(method).toLowerCase();
    request.setMethod(METHODS.includes(verb) ? { tag: verb } : { tag: "other", val: String(method).toWellFormed() });
    request.setScheme({ tag: scheme.toUpperCase() });
    request.setAuthority(authority);
    request.setPathWithQuery(path);
    return exchange(url, request, content);
  } catch (error) {
    if (!Object.hasOwn(error, "payload")) throw error;
    throw error.payload === undefined ? new TypeError(`fetch ${url}: the host does not accept this URL or method`) : failed(url, error.payload);
  }
}

/** Drops handles in the order that the host requires: children before their parents. */
function exchange(url, request, content) {
  const body = content && request.body();
  const future = handle(request, undefined);
  if (body) write(body, content);
  const ready = future.subscribe();
  ready.block();
  ready[Symbol.dispose]();
  const { tag, val } = future.get().val;
  future[Symbol.dispose]();
  if (tag === "err") throw failed(url, val);
  const fields = val.headers();
  const headers = fields.entries().map(([name, value]) => [name.toLowerCase(), new TextDecoder().decode(value)]);
  fields[Symbol.dispose]();
  const answer = new FetchResponse(url, val.status(), headers, read(url, val));
  val[Symbol.dispose]();
  return answer;
}

function write(body, content) {
  const stream = body.write();
  for (let at = 0; at < content.length; at += PIECE) stream.blockingWriteAndFlush(content.subarray(at, at + PIECE));
  stream[Symbol.dispose]();
  OutgoingBody.finish(body, undefined);
}

function read(url, response) {
  const body = response.consume();
  const stream = body.stream();
  const pieces = [];
  try {
    for (;;) pieces.push(stream.blockingRead(READ));
  } catch (error) {
    const { tag, val } = error.payload ?? {};
    if (tag === "last-operation-failed") throw new TypeError(`fetch ${url}: the response body ended early: ${val.toDebugString()}`);
    if (tag !== "closed") throw error;
  } finally {
    stream[Symbol.dispose]();
    body[Symbol.dispose]();
  }
  const all = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of pieces) {
    all.set(piece, at);
    at += piece.length;
  }
  return all;
}

function parse(url) {
  const [, scheme, authority, path] = /^(https?):\/\/([^/?#@\s]+)(?![^/?#])([^#\s]*)/i.exec(url) ?? [];
  if (!scheme) throw new TypeError(`fetch takes a URL such as https://example.org/path, not ${JSON.stringify(url)}`);
  const whole = path.startsWith("/") ? path : `/${path}`;
  // Existing escapes are kept.
  return { scheme, authority, path: encodeURI(whole).replaceAll("%25", "%") };
}

function bytes(body) {
  if (body instanceof Uint8Array) return body;
  if (typeof body === "string" || body instanceof URLSearchParams) return new TextEncoder().encode(String(body));
  throw new TypeError("the body of a request is a string, a Uint8Array or URLSearchParams; JSON.stringify an object first");
}

/** A request that gets no response throws a TypeError, as in every fetch. */
function failed(url, { tag, val }) {
  const more = typeof val === "string" ? `: ${val}` : "";
  return new TypeError(`fetch ${url}: ${tag === "HTTP-request-denied" ? DENIED : `${tag}${more}`}`);
}
