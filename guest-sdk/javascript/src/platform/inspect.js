// Values as text, for the log.
import { lines } from "./stack.js";

export const DEEPEST = 4;

/** A value as its author would write it, roughly. */
export function inspect(value, depth = DEEPEST, seen = []) {
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value === "bigint") return `${value}n`;
  if (typeof value === "function") return `[function ${value.name || "without a name"}]`;
  if (Object.is(value, -0)) return "-0";
  if (typeof value !== "object" || value === null) return String(value);
  if (value instanceof Error) return errorText(value, seen);
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

/** What and where, and what it was caused by. */
function errorText(error, seen) {
  if (seen.includes(error)) return "[itself]";
  const text = [`${error.name}: ${error.message}`, ...lines(error)].join("\n");
  return error.cause === undefined ? text : `${text}\ncaused by ${inspect(error.cause, DEEPEST, [...seen, error])}`;
}

/** Values as `console.log` of Node.js joins them: the first may say with `%s` and others how to write the next ones. */
export function format(values) {
  const [first, ...rest] = values;
  if (typeof first !== "string" || rest.length === 0) return values.map(plain).join(" ");
  const begin = first.replace(/%[sdifjoOc%]/g, (found) => {
    if (found === "%%") return "%";
    return rest.length > 0 ? SPECIFIERS[found](rest.shift()) : found;
  });
  return [begin, ...rest.map(plain)].join(" ");
}

const plain = (value) => (typeof value === "string" ? value : inspect(value));

/** Numbers keep the `n` of a bigint. What is no number is NaN, also what cannot be made one. */
const number = (parse) => (value) => {
  if (typeof value === "bigint") return `${value}n`;
  return typeof value === "symbol" || typeof value === "object" ? "NaN" : inspect(parse(value));
};

const SPECIFIERS = {
  "%s": (value) => (typeof value === "object" && value !== null && !(value instanceof Error) ? inspect(value, 1) : plain(value)),
  "%d": number(Number),
  "%i": number((value) => Number.parseInt(value, 10)),
  "%f": number(Number.parseFloat),
  "%j": jsonText,
  "%o": (value) => inspect(value),
  "%O": (value) => inspect(value),
  "%c": () => "",
};

function jsonText(value) {
  try {
    return String(JSON.stringify(value));
  } catch {
    return inspect(value);
  }
}
