// console: every line becomes a record in the host's log, with its level.
import * as host from "#host";
import { format, inspect } from "./inspect.js";
import { lines } from "./stack.js";
import { isStarted } from "./started.js";
import { table } from "./table.js";

const STEP = "  ";

let indentation = "";
const counts = new Map();
const begun = new Map();

/** Log text, one record per line. During the build there is no log, so the build prints it. */
export function write(level, text, context = "") {
  for (const line of text.toWellFormed().split("\n")) {
    if (isStarted()) host.log(level, context, line);
    else globalThis.__roomcastBuild?.print(level, line);
  }
}

/** A group ends with its call: one that an exception has left open would indent all that follows. */
export function endGroups() {
  indentation = "";
}

function print(level, text) {
  write(level, indentation === "" ? text : text.replaceAll(/^/gm, indentation));
}

const method = (level) => (...values) => print(level, format(values));

function group(...labels) {
  if (labels.length > 0) print("info", format(labels));
  indentation += STEP;
}

/** Tells the time since `console.time`; the label is a text in any case. */
function elapsed(name, label, values) {
  const start = begun.get(label);
  if (start === undefined) return print("warn", `No such label '${label}' for console.${name}()`);
  print("info", format([`${label}: ${duration(performance.now() - start)}`, ...values]));
}

function duration(milliseconds) {
  return milliseconds < 1000 ? `${Number(milliseconds.toFixed(3))}ms` : `${(milliseconds / 1000).toFixed(3)}s`;
}

export const console = {
  debug: method("debug"),
  log: method("info"),
  info: method("info"),
  warn: method("warn"),
  error: method("error"),
  dir: (value) => print("info", inspect(value)),
  trace: (...values) => print("debug", [format(values), ...lines(new Error())].join("\n")),
  assert(holds, ...values) {
    if (!holds) print("error", values.length > 0 ? `assertion failed: ${format(values)}` : "assertion failed");
  },
  table: (value, columns) => print("info", table(value, columns) ?? format([value])),
  group,
  groupCollapsed: group,
  groupEnd() {
    indentation = indentation.slice(STEP.length);
  },
  time(label = "default") {
    if (begun.has(String(label))) return print("warn", `Label '${label}' already exists for console.time()`);
    begun.set(String(label), performance.now());
  },
  timeLog: (label = "default", ...values) => elapsed("timeLog", String(label), values),
  timeEnd(label = "default") {
    elapsed("timeEnd", String(label), []);
    begun.delete(String(label));
  },
  count(label = "default") {
    counts.set(String(label), (counts.get(String(label)) ?? 0) + 1);
    print("info", `${label}: ${counts.get(String(label))}`);
  },
  countReset: (label = "default") => void counts.delete(String(label)),
};
