// Commands that fetch, and what is done with what comes: `fetch-start`, `fetch-cancel`, and the wishes that a token may have; see
// tests/guests/probe/src/fetch.rs.
import { Connection, fetches, Rejection } from "roomcast";
import * as asJson from "./as-json.js";
import { run } from "./command.js";
import { note } from "./journal.js";

export const fetchCalls = {
  "fetch-start"(given) {
    const request = {
      url: given.text("url"),
      method: given.optionalText("method") ?? "GET",
      headers: given.pairs("headers"),
      body: body(given),
      connection: receiver(given),
      timeoutMs: given.command.timeout_ms,
    };
    return asJson.result(() => fetches.start(request, given.text("token")));
  },
  "fetch-cancel": (given) => ({ ok: fetches.cancel(given.number("fetch", Number.MAX_SAFE_INTEGER)) }),
};

function body(given) {
  const base64 = given.optionalText("base64");
  if (base64 !== undefined) return Uint8Array.fromBase64(base64);
  return (given.optionalText("body") ?? "").repeat(given.command.repeat ?? 1);
}

function receiver(given) {
  if (given.optionalText("for") !== "sender") return given.optionalConnection("for");
  if (given.sender === undefined) throw new Rejection(400, "there is no sender");
  return given.sender;
}

export function onResponse(token, { status, headers }) {
  note({ hook: "on-response", token, status, headers });
}

export async function onChunk(token, chunk) {
  const { quiet, relay, on_chunk: command } = wish(token);
  if (quiet === true) note({ hook: "on-chunk", token, length: chunk.bytes().length });
  else note({ hook: "on-chunk", token, chunk: asJson.body(chunk) });
  if (typeof relay === "string" && chunk.isText) send(relay, "chunk", chunk.text());
  if (Object(command) === command) note({ result: await run(command).catch((why) => why.message) });
}

export function onEnd(token, failure) {
  const outcome = failure ? { error: asJson.failure(failure) } : { ok: null };
  const { relay } = wish(token);
  if (typeof relay === "string") send(relay, "end", JSON.stringify(outcome));
  note({ hook: "on-end", token, outcome });
}

/** What a token says beyond its name. */
function wish(token) {
  try {
    return Object(JSON.parse(token));
  } catch {
    return {};
  }
}

function send(connection, event, data) {
  const result = asJson.result(() => new Connection(connection).send({ event, data }));
  if (result.error) note({ result });
}
