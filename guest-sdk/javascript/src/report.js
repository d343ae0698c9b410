// Logs an uncaught exception in one record: what, in which hook, and where.
import { hint } from "./platform/hints.js";
import { lines } from "./platform/stack.js";
import { write } from "./platform/console.js";
import { show } from "./show.js";

/** So many causes are told, each of the one before. */
const CAUSES = 5;

/** What an error was caused by, and what that was. */
function causes({ cause }, most = CAUSES) {
  if (cause === undefined || most === 0) return "";
  return cause instanceof Error ? `, caused by ${cause.name}: ${cause.message}${causes(cause, most - 1)}` : `, caused by ${show(cause)}`;
}

export function report(error, hook) {
  if (!(error instanceof Error)) return write("error", `${hook} threw ${show(error)}; throw an Error instead, which has a stack trace`, hook);
  const more = hint(error);
  const head = `${hook} failed: ${error.name}: ${error.message}${more ? ` (${more})` : ""}${causes(error)}`;
  // A recursion is told once.
  const frames = lines(error).map((line) => line.trim()).filter((line, place, all) => line !== all[place - 1]);
  write("error", [head, ...frames].join(", ").replaceAll(/\s*\n\s*/g, " "), hook);
}
