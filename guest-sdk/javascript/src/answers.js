// Maps exceptions of hooks to the contract's errors, which the bindings expect to be thrown.
//
// A `Rejection` is the answer. Anything else is the plugin's fault, also what the host has refused: it is logged in full, and the
// client learns only that there was one.
import { HostError } from "./host-error.js";
import { hint } from "./platform/hints.js";
import { place } from "./platform/stack.js";
import { Rejection } from "./rejection.js";
import { show } from "./show.js";

const FAULT = { status: 500, headers: [], body: "the plugin has failed" };
const BUSY = { status: 503, headers: [], body: "the server is busy: try again later" };

/** What was thrown, or an error in place of what fails when it is looked at. */
export function presentable(thrown) {
  try {
    if (thrown instanceof Error) `${thrown.name}${thrown.message}${thrown.stack}`;
    else show(thrown);
    return thrown;
  } catch {
    return new Error("something was thrown that cannot be shown");
  }
}

/** For `init`, `save` and `restore`: the operator reads the text. */
export function failure(error) {
  throw describe(error);
}

/** For hooks that have an answer. */
export function rejection(error, tell) {
  if (error instanceof Rejection) throw { status: error.status, headers: error.headers, body: String(error.message).toWellFormed() };
  tell(error);
  throw error instanceof HostError && error.kind === "limit-exceeded" ? BUSY : FAULT;
}

/** An error in one line: texts for the operator alone, others with their kind and location. */
export function describe(error) {
  if (typeof error === "string") return error.toWellFormed();
  if (!(error instanceof Error)) return `it threw ${show(error)}; throw an Error instead`.toWellFormed();
  const more = hint(error);
  const text = `${error.message}${more ? ` (${more})` : ""}`.toWellFormed();
  if (error.name === "Error" || error instanceof Rejection || error instanceof HostError) return text;
  const at = place(error);
  return `${error.name}: ${text}${at ? `, at ${at}` : ""}`;
}
