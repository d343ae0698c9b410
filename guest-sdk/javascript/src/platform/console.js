// console: every line becomes a record in the host's log, with its level.
import * as host from "#host";
import { isStarted } from "./started.js";
import { lines } from "./stack.js";

const DEEPEST = 4;

/** Log text, one record per line. During the build there is no log, so the build prints it. */
export function write(level, text, context = "") {
  for (const line of text.toWellFormed().split("\n")) {
    if (isStarted()) host.log(level, context, line);
    else globalThis.__roomcastBuild?.print(level, line);
  }
}

const method = (level) => (...values) => write(level, format(values));

export const console = {
  debug: method("debug"),
  log: method("info"),
  info: method("info"),
  warn: method("warn"),
  error: method("error"),
  dir: (value) => write("info", inspect(value, DEEPEST)),
  trace: (...values) => write("debug", [format(values), ...lines(new Error())].join("\n")),
  assert: (holds, ...values) => holds || write("error", `assertion failed: ${format(values)}`),
};

function format(values) {
  return values.map((value) => (typeof value === "string" ? value : inspect(value, DEEPEST))).join(" ");
}

/** A value as its author would write it, roughly. */
function inspect(value, depth, seen = []) {
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value === "bigint") return `${value}n`;
  if (typeof value === "function") return `[function ${value.name || "without a name"}]`;
  if (typeof value !== "object" || value === null) return String(value);
  if (value instanceof Error) return [`${value.name}: ${value.message}`, ...lines(value)].join("\n");
  if (value instanceof Date || value instanceof RegExp) return String(value);
  if (seen.includes(value)) return "[itself]";
  if (depth === 0) return Array.isArray(value) ? "[...]" : "{...}";
  const inner = (part) => inspect(part, depth - 1, [...seen, value]);
  if (Array.isArray(value) || ArrayBuffer.isView(value)) return `[${[...value].map(inner).join(", ")}]`;
  const kind = value.constructor?.name ?? "";
  if (value instanceof Set) return `Set {${[...value].map(inner).join(", ")}}`;
  if (value instanceof Map) return `Map {${[...value].map(([key, part]) => `${inner(key)} => ${inner(part)}`).join(", ")}}`;
  const parts = Object.entries(value).map(([key, part]) => `${key}: ${inner(part)}`);
  return `${kind === "Object" || kind === "" ? "" : `${kind} `}{${parts.join(", ")}}`;
}
