// A plugin's folder: its name, its source, and the tools that are installed for it.
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { basename, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { Failure } from "./failure.mjs";

/** The SDK's own folder. */
export const SDK = fileURLToPath(new URL("..", import.meta.url));

const ENTRIES = ["plugin.ts", "plugin.js"];

export async function openProject(folder) {
  const found = ENTRIES.filter((name) => existsSync(join(folder, name)));
  if (found.length === 0) throw new Failure(`${folder} has neither plugin.ts nor plugin.js: the plugin's code belongs there`);
  if (found.length > 1) throw new Failure(`${folder} has plugin.ts and plugin.js: remove the one that is not meant`);
  return {
    folder,
    entry: found[0],
    isTypeScript: found[0].endsWith(".ts"),
    name: (await packageName(folder)) ?? basename(folder),
    tool: (name) => tool(folder, name),
    find: (name) => find(folder, name),
  };
}

async function packageName(folder) {
  const path = join(folder, "package.json");
  if (!existsSync(path)) return undefined;
  try {
    const { name } = JSON.parse(await readFile(path, "utf8"));
    return typeof name === "string" ? name.split("/").at(-1) : undefined;
  } catch (error) {
    throw new Failure(`${path} is not JSON: ${error.message}`);
  }
}

/** A package that the SDK pins. */
async function tool(folder, name) {
  const path = find(folder, name);
  if (!path) throw new Failure(`${name} is not installed: run \`npm install --ignore-scripts\` in ${folder}`);
  const loaded = await import(pathToFileURL(path));
  return loaded.default ?? loaded;
}

/** The file of a package: among the project's packages, or those of the SDK; undefined if it is missing. */
function find(folder, name) {
  for (const place of [folder, SDK]) {
    try {
      return createRequire(join(place, "package.json")).resolve(name);
    } catch {
      // Not there: try the next.
    }
  }
  return undefined;
}
