// Logs an uncaught exception in one record: what, in which hook, and where.
import { hint } from "./platform/hints.js";
import { lines } from "./platform/stack.js";
import { write } from "./platform/console.js";
import { show } from "./show.js";

const describe = (cause) => (cause instanceof Error ? `${cause.name}: ${cause.message}` : show(cause));

export function report(error, hook) {
  if (!(error instanceof Error)) return write("error", `${hook} threw ${show(error)}; throw an Error instead, which has a stack trace`, hook);
  const more = hint(error);
  const cause = error.cause === undefined ? "" : `, caused by ${describe(error.cause)}`;
  const head = `${hook} failed: ${error.name}: ${error.message}${more ? ` (${more})` : ""}${cause}`;
  // A recursion is told once.
  const frames = lines(error).map((line) => line.trim()).filter((line, place, all) => line !== all[place - 1]);
  write("error", [head, ...frames].join(", ").replaceAll(/\s*\n\s*/g, " "), hook);
}
