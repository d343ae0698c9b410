// Parts of the SDK that a component has if its code names them: the source is searched for their names. Where one stands there
// for something else, the component has a part that it does not use.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { SDK } from "./project.mjs";

const PACKAGES = /[\\/]node_modules[\\/]/;
/** A package that is made for plugins. */
const FOR_PLUGINS = /\bfrom\s*["']roomcast["']/;

/** It is in a bundle whose code uses the undefined name `fetch`. */
export const FETCH = "src/platform/fetch-name.js";

/** `named` finds it in the source, or it is there with a file of the SDK. `install` defines its globals, and `interfaces` are
 *  exported for it, whatever hooks the plugin has. */
const FEATURES = [
  { named: /\b(?:globalThis|self)\.fetch\b/, comesWith: FETCH, install: "src/platform/fetch-install.js", interfaces: [] },
  { named: /\b(?:set|clear)(?:Timeout|Interval)\b/, install: "src/platform/timeouts-install.js", interfaces: ["timer"] },
  { named: /\bsubtle\b/, install: "src/platform/subtle-install.js", interfaces: [] },
  // `connection.state` and `hub.room(name).state`: of the author's own files, since many libraries have something of this name; and
  // clients may send something of this name.
  { named: /(?<!\bjson\(\)\??)[.{,]\s*state\b/, isOwn: true, interfaces: ["state", "disconnect"] },
  // Its last member takes the state of a room along.
  { named: /\bhub\s*\.\s*room\b/, isOwn: true, interfaces: ["room"] },
];

/** All modules that define globals: while the code is examined it has whatever it may name. */
export const ALL_INSTALLS = FEATURES.map(({ install }) => install).filter(Boolean);

/** What code from these files has of them. */
export async function featuresOf(files) {
  const paths = [...files.keys()];
  const found = new Set(FEATURES.filter(({ comesWith }) => comesWith && paths.includes(join(SDK, comesWith))));
  for (const path of paths) {
    if (path.startsWith(join(SDK, "src"))) continue;
    // What has no file is the bundler's own.
    const source = await readFile(path, "utf8").catch(() => "");
    const isOwn = !PACKAGES.test(path) || FOR_PLUGINS.test(source);
    for (const feature of FEATURES) {
      if (feature.named.test(source) && (isOwn || !feature.isOwn)) found.add(feature);
    }
  }
  const features = FEATURES.filter((feature) => found.has(feature));
  return {
    installs: features.map(({ install }) => install).filter(Boolean),
    interfaces: features.flatMap(({ interfaces }) => interfaces),
  };
}
