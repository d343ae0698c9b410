// Finds a plugin's hooks by running its code once, in a realm with only the engine's globals and without a host.
//
// Building the component does the same, but reports errors there without a location, so they are found here first.
import vm from "node:vm";
import { hint } from "../src/platform/hints.js";
import { script } from "./bundle.mjs";
import { Failure } from "./failure.mjs";
import { featuresOf } from "./features.mjs";

const TIME_LIMIT_MS = 5_000;
const NO_HOST = "there is no server while the plugin is built, where code outside of hooks runs: call it in `init` or another hook";

export async function examine(project) {
  const { code, lines, files } = await script(project, "bundled");
  const realm = vm.createContext({
    __roomcastLines: lines,
    __roomcastBuild: { print: (level, text) => console.error(`${project.entry} (while it is built): ${text}`) },
    require: (id) => absent(id),
    TextEncoder,
    TextDecoder,
    btoa,
    atob,
    performance,
  });
  const frozen = watch(realm);
  let bundled;
  try {
    vm.runInContext(code, realm, { filename: "bundle.js", timeout: TIME_LIMIT_MS });
    bundled = realm.bundled ?? vm.runInContext("bundled", realm);
  } catch (error) {
    throw new Failure(explain(project, realm, error));
  }
  for (const note of frozen) console.error(`note: ${note}`);
  return { interfaces: hooksOf(project, bundled), features: await featuresOf(files) };
}

function hooksOf(project, { author, hooks }) {
  const plugin = author.default;
  if (plugin === undefined) {
    const named = Object.keys(author).filter((name) => name in hooks.HOOKS);
    const found = named.length > 0 ? ` (it exports ${named.join(", ")} by name)` : "";
    throw new Failure(`${project.entry} has no default export${found}: write \`export default definePlugin({ ... })\``);
  }
  try {
    hooks.check(plugin);
  } catch (error) {
    throw new Failure(`${project.entry}: ${error.message}`);
  }
  return hooks.interfaces(plugin);
}

/** A stub for an interface of the host. */
function absent(id) {
  const refuse = (name) => () => { throw new Error(`${id.replace(/@.*/, "").replace("wasx:", "wasi:")} ${String(name)}: ${NO_HOST}`); };
  return new Proxy({}, { get: (_, name) => (typeof name === "string" ? refuse(name) : undefined), has: () => true });
}

/** In the component the clock stands still where this code runs, and random numbers are those of one seed. Returns a list of notes, which grows. */
function watch(realm) {
  const notes = new Set();
  const say = (what) => notes.add(`${what} outside of hooks is the same in every build and every instance: call it in \`init\``);
  realm.__note = say;
  vm.runInContext(
    `{ const say = __note; delete globalThis.__note;
      const random = Math.random; Math.random = () => (say("Math.random()"), random());
      const Real = Date;
      globalThis.Date = new Proxy(Real, {
        construct: (target, values, self) => (values.length || say("new Date()"), Reflect.construct(target, values, self)),
        get: (target, name) => name === "now" ? () => (say("Date.now()"), Real.now()) : Reflect.get(target, name),
      }); }`,
    realm,
  );
  return notes;
}

/** An exception of the code outside the hooks, with its location in the author's files. */
function explain(project, realm, error) {
  if (error?.code === "ERR_SCRIPT_EXECUTION_TIMEOUT") {
    return `${project.entry}: the code outside of hooks has not come to an end within ${TIME_LIMIT_MS / 1000} s`;
  }
  const frames = String(error?.stack ?? "").split("\n").map((frame) => /bundle\.js:(\d+)/.exec(frame)?.[1]).filter(Boolean);
  const at = frames.map((line) => placeOf(realm.__roomcastLines, Number(line))).find(Boolean) ?? project.entry;
  const more = hint(error);
  return `${at}: ${error?.message ?? error}${more ? ` (${more})` : ""}`;
}

function placeOf({ files, runs }, line) {
  const run = runs.find(([first, count]) => line >= first && line < first + count);
  return run && `${files[run[2]]}:${run[3] + line - run[0]}`;
}
