// Commands: a JSON object whose `op` names one function of the host, with its arguments. The modules below say which.
import { config, log, Rejection, timers } from "roomcast";
import { Arguments } from "./arguments.js";
import { result } from "./as-json.js";
import { fetchCalls } from "./fetching.js";
import { hubCalls } from "./hub-calls.js";
import * as journal from "./journal.js";
import { keyvalueCalls } from "./keyvalue-calls.js";
import { surroundings } from "./surroundings.js";

const LEVELS = ["trace", "debug", "info", "warn", "error", "critical"];

const calls = {
  ...hubCalls,
  ...keyvalueCalls,
  ...fetchCalls,
  ...surroundings,

  "set-timer"(given) {
    const repetition = given.text("repetition");
    const set = { once: timers.after, every: timers.every }[repetition];
    if (!set) throw new Rejection(400, `no repetition ${repetition}`);
    return result(() => set(given.number("delay_ms"), given.text("token")));
  },
  "cancel-timer": (given) => ({ ok: timers.cancel(given.number("timer", Number.MAX_SAFE_INTEGER)) }),

  log(given) {
    const level = given.text("level");
    if (!LEVELS.includes(level)) throw new Rejection(400, `no level ${level}`);
    log[level](given.text("message"), given.optionalText("context") ?? "");
    return { ok: null };
  },

  "config-get": (given) => ({ ok: config.get(given.text("key")) ?? null }),
  "config-get-all": () => ({ ok: Object.entries(config.all()) }),

  calls: () => ({ ok: journal.all() }),
  "forget-calls"() {
    journal.replace([]);
    return { ok: null };
  },
  async all(given) {
    const { commands } = given.command;
    if (!Array.isArray(commands)) throw new Rejection(400, "no list `commands`");
    const results = [];
    for (const command of commands) results.push(await run(command, given.sender));
    return { ok: results };
  },

  // Nothing but its time ends an instance of JavaScript: what is thrown is told to the author, and it goes on.
  trap() {
    for (;;);
  },
  throw(given) {
    throw new Error(given.optionalText("text") ?? "thrown");
  },
};

/** Run one command. Throws a `Rejection` when it is none. */
export async function run(command, sender) {
  const given = new Arguments(command, sender);
  const op = given.text("op");
  if (!Object.hasOwn(calls, op)) throw new Rejection(400, `there is no command \`${op}\``);
  return calls[op](given);
}

/** Any rejection that there can be. */
export function reject(command) {
  const given = new Arguments(command);
  throw new Rejection(given.number("status"), given.optionalText("text") ?? "", given.pairs("headers"));
}

/** Any answer at all. */
export function respond(command) {
  const given = new Arguments(command);
  const base64 = given.optionalText("base64");
  const body = base64 === undefined ? (given.optionalText("text") ?? "") : Uint8Array.fromBase64(base64);
  return { status: given.number("status"), headers: given.pairs("headers"), body };
}

/** A command out of its JSON. */
export function parse(text) {
  try {
    return JSON.parse(text);
  } catch (why) {
    throw new Rejection(400, `a command is JSON: ${why.message}`);
  }
}
