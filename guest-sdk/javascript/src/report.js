// An error that nobody has caught, for the author: what, in which hook, and where.
import { hint } from "./platform/hints.js";
import { lines } from "./platform/stack.js";
import { write } from "./platform/console.js";
import { show } from "./show.js";

export function report(error, hook) {
  if (!(error instanceof Error)) return write("error", `${hook} threw ${show(error)}; throw an Error, which knows its place`, hook);
  const more = hint(error);
  const head = `${hook} failed: ${error.name}: ${error.message}${more ? ` (${more})` : ""}`;
  write("error", [head, ...lines(error)].join("\n"), hook);
}
