// What the host is told when a hook throws. The errors of the contract are thrown, as its bindings want it.
//
// A `Rejection` is an answer. A `HostError` is an answer, too, where there is somebody to answer to. Anything else is a
// fault of the plugin: the author gets it in the log, the client only learns that there was one.
import { HostError } from "./host-error.js";
import { hint } from "./platform/hints.js";
import { place } from "./platform/stack.js";
import { Rejection } from "./rejection.js";
import { toBody } from "./response.js";

const FAULT = "the plugin has failed";

/** For `init` and `restore`: the operator reads the text. */
export function failure(error) {
  throw describe(error);
}

/** For `onConnect`. An argument that the host refuses is taken for the client's doing, all else for the server's state. */
export function rejection(error, tell) {
  if (error instanceof Rejection) throw { status: error.status, headers: error.headers, body: error.message };
  if (error instanceof HostError) {
    throw { status: error.kind === "invalid-argument" ? 400 : 503, headers: [], body: error.message };
  }
  tell(error);
  throw { status: 500, headers: [], body: FAULT };
}

/** For `onJoin` and `onPublish`: a text. */
export function refusal(error, tell) {
  if (error instanceof Rejection || error instanceof HostError) throw error.message;
  tell(error);
  throw FAULT;
}

/** For `onMessage`. A HostError is the sender's doing (400), as in the contract. */
export function response(error, tell) {
  if (error instanceof HostError) throw error.message;
  if (!(error instanceof Rejection)) {
    tell(error);
    return { status: 500, headers: [], body: toBody(FAULT) };
  }
  if (error.status === 400 && error.headers.length === 0) throw error.message;
  return { status: error.status, headers: error.headers, body: toBody(error.message) };
}

/** An error in one line: an author's own text alone, others with their kind and place. */
export function describe(error) {
  if (!(error instanceof Error)) return String(error).toWellFormed();
  const more = hint(error);
  const text = `${error.message}${more ? ` (${more})` : ""}`.toWellFormed();
  if (error.name === "Error" || error instanceof Rejection || error instanceof HostError) return text;
  const at = place(error);
  return `${error.name}: ${text}${at ? `, at ${at}` : ""}`;
}
