// Commands that use the store, as far as the SDK has it: `kv-open`, `kv-get`, `kv-set`, `kv-delete`, `kv-exists`, `kv-keys`,
// `kv-increment`, `kv-fill`.
import { HostError, keyvalue } from "roomcast";
import { unsupported } from "./surroundings.js";

const call = (work) => (given) => ((given.optionalText("bucket") ?? "default") === "default" ? ask(() => work(given)) : unsupported());

export const keyvalueCalls = {
  "kv-open": call(() => void keyvalue.exists("default")),
  "kv-get": call((given) => textOf(keyvalue.get(given.text("key")))),
  "kv-set": call((given) => keyvalue.set(given.text("key"), value(given))),
  "kv-delete": call((given) => keyvalue.remove(given.text("key"))),
  "kv-exists": call((given) => keyvalue.exists(given.text("key"))),
  "kv-keys": call(() => keyvalue.keys()),
  "kv-increment": call((given) => keyvalue.increment(given.text("key"), given.integer("delta"))),
  "kv-fill": call((given) => {
    const content = value(given);
    let taken = 0;
    try {
      for (; taken < given.number("fill"); taken++) keyvalue.set(`fill${String(taken).padStart(5, "0")}`, content);
    } catch (why) {
      if (!(why instanceof HostError)) throw why;
    }
    return taken;
  }),
  "kv-page": unsupported,
  "kv-get-many": unsupported,
  "kv-set-many": unsupported,
  "kv-delete-many": unsupported,
  "kv-swap": unsupported,
};

/** The store has errors of its own; the SDK tells them by `HostError`, too. */
function ask(question) {
  try {
    return { ok: question() ?? null };
  } catch (why) {
    if (!(why instanceof HostError)) throw why;
    return { error: why.kind === "not-permitted" ? { kind: "access-denied" } : { kind: "other", reason: why.reason } };
  }
}

function value(given) {
  return given.text("value").repeat(given.command.repeat ?? 1);
}

function textOf(found) {
  return found?.textLossy();
}
