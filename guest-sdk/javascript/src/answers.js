// Maps exceptions of hooks to the contract's errors, which the bindings expect to be thrown.
//
// A `Rejection` is an answer. So is a `HostError` in hooks that have an answer. Anything else is a plugin failure: it is
// logged in full, and the client gets only status 500.
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

/** For `onConnect`. An invalid argument becomes 400, since it usually comes from the client; every other error becomes 503. */
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

/** For `onMessage`. A HostError becomes 400, as any error in the contract. */
export function response(error, tell) {
  if (error instanceof HostError) throw error.message;
  if (!(error instanceof Rejection)) {
    tell(error);
    return { status: 500, headers: [], body: toBody(FAULT) };
  }
  if (error.status === 400 && error.headers.length === 0) throw error.message;
  return { status: error.status, headers: error.headers, body: toBody(error.message) };
}

/** An error in one line: texts for the operator alone, others with their kind and location. */
export function describe(error) {
  if (!(error instanceof Error)) return String(error).toWellFormed();
  const more = hint(error);
  const text = `${error.message}${more ? ` (${more})` : ""}`.toWellFormed();
  if (error.name === "Error" || error instanceof Rejection || error instanceof HostError) return text;
  const at = place(error);
  return `${error.name}: ${text}${at ? `, at ${at}` : ""}`;
}
