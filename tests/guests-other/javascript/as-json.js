// The SDK's values as JSON. Names are those of the contract, with `_` in fields; bytes are base64.
import { HostError } from "roomcast";

/** What a call of the host has answered, or the HostError that it threw. */
export function result(call) {
  try {
    return { ok: call() ?? null };
  } catch (why) {
    return { error: error(why) };
  }
}

function error(why) {
  if (!(why instanceof HostError)) throw why;
  switch (why.kind) {
    case "invalid-argument":
      return { kind: why.kind, argument: why.argument, reason: why.reason };
    case "limit-exceeded":
      return { kind: why.kind, key: why.key, reason: why.reason };
    case "not-permitted":
      return { kind: why.kind, capability: why.capability };
    case "other":
      return { kind: why.kind, reason: why.reason };
    default:
      return { kind: why.kind };
  }
}

export function event({ data, event, id, retryMs }) {
  return { data, event: event ?? null, id: id ?? null, retry_ms: retryMs ?? null };
}

export function request({ method, path, query, headers, peer, lastEventId }) {
  return { method, path, query: query ?? null, headers, peer, last_event_id: lastEventId ?? null };
}

export function body(body) {
  return body.isText ? { text: body.text() } : { base64: body.bytes().toBase64() };
}

export function failure({ kind, key, reason }) {
  if (kind === "connection-closed" || kind === "interrupted") return { kind };
  return key === undefined ? { kind, reason } : { kind, key, reason };
}
