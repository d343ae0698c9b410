// The names of the hooks, and the check of what an author exports.
import { nearest } from "./suggest.js";
import { show } from "./show.js";

/** Every hook, with the interface of the contract that it is exported by. */
export const HOOKS = Object.freeze({
  init: "lifecycle",
  onConnect: "connect",
  onDisconnect: "disconnect",
  onJoin: "room",
  onLeave: "room",
  onPublish: "publish",
  onMessage: "message",
  onTimer: "timer",
  onResponse: "fetch-events",
  onChunk: "fetch-events",
  onEnd: "fetch-events",
  save: "state",
  restore: "state",
});

/** What else `definePlugin` takes: it is no hook of the contract, and exports nothing. */
const OPTIONS = ["onError"];

export function definePlugin(plugin) {
  check(plugin);
  return plugin;
}

/**
 * Throws what is wrong with a plugin, in words for its author. Works without a server, so the build says it.
 */
export function check(plugin) {
  if (typeof plugin !== "object" || plugin === null) {
    throw new TypeError(`a plugin is an object of hooks, not ${show(plugin)}: export default definePlugin({ onConnect(connection, request) { ... } })`);
  }
  const known = [...Object.keys(HOOKS), ...OPTIONS];
  for (const [name, hook] of Object.entries(plugin)) {
    if (!known.includes(name)) {
      const meant = nearest(name, known);
      const hint = meant ? `did you mean \`${meant}\`?` : `the hooks are ${known.join(", ")}; state and helpers live outside of definePlugin`;
      throw new TypeError(`there is no hook \`${name}\`: ${hint}`);
    }
    if (hook !== undefined && typeof hook !== "function") {
      throw new TypeError(`\`${name}\` must be a function, not ${show(hook)}`);
    }
  }
  if (!Object.keys(HOOKS).some((name) => plugin[name])) {
    throw new TypeError(`the plugin has no hook: write at least one of ${Object.keys(HOOKS).join(", ")}`);
  }
  const other = { save: "restore", restore: "save" };
  for (const [one, two] of Object.entries(other)) {
    if (plugin[one] && !plugin[two]) {
      throw new TypeError(`\`${one}\` needs \`${two}\`: what the old version saves, the new one has to restore`);
    }
  }
}

/** The interfaces that a plugin's component exports, besides `lifecycle`, which is always there. */
export function interfaces(plugin) {
  const used = Object.keys(HOOKS).filter((name) => plugin[name]);
  return [...new Set(["lifecycle", ...used.map((name) => HOOKS[name])])];
}
