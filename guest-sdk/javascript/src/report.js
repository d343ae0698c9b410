// Logs an uncaught exception: what, in which hook, and where.
import { hint } from "./platform/hints.js";
import { lines } from "./platform/stack.js";
import { write } from "./platform/console.js";
import { show } from "./show.js";

export function report(error, hook) {
  if (!(error instanceof Error)) return write("error", `${hook} threw ${show(error)}; throw an Error instead, which has a stack trace`, hook);
  const more = hint(error);
  const head = `${hook} failed: ${error.name}: ${error.message}${more ? ` (${more})` : ""}`;
  write("error", [head, ...lines(error)].join("\n"), hook);
}
