// The world that a component is built against: exactly the plugin's exports and imports.
import { cp, mkdir, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { SDK } from "./project.mjs";

const WORLD = "component";

const CONTRACT = "0.1.0";

/** Writes a WIT package to a folder: the world and, below `deps`, the contract and its dependencies. */
export async function writeWorld(folder, { interfaces, imports }) {
  const deps = join(folder, "deps");
  const contract = join(deps, "roomcast-plugin");
  await mkdir(contract, { recursive: true });
  for (const name of await readdir(join(SDK, "wit"))) {
    if (name.endsWith(".wit")) await cp(join(SDK, "wit", name), join(contract, name));
  }
  await cp(join(SDK, "wit", "deps"), deps, { recursive: true });
  await cp(join(SDK, "worlds"), deps, { recursive: true });
  const lines = [
    ...imports.map((name) => `import ${name};`),
    ...interfaces.map((name) => `export roomcast:plugin/${name}@${CONTRACT};`),
  ];
  await writeFile(join(folder, "world.wit"), `package roomcast:build;\n\nworld ${WORLD} {\n  ${lines.join("\n  ")}\n}\n`);
}
