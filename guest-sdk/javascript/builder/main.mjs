// node main.mjs PROJECT_DIR OUTPUT_DIR: from a plugin's source to what `roomcast build` makes a component of.
//
// 1. begin to check the types, if the project is in TypeScript
// 2. run the code outside of the hooks once, to see which hooks there are and whether it works without a server
// 3. write the world: the contract's interfaces for these hooks, and the imports that the code uses
// 4. bundle all of it into one file, and write that and the JavaScript engine; the engine runs it up to the end of its modules,
//    and the component starts from the memory after that
import { mkdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { bundle } from "./bundle.mjs";
import { examine } from "./examine.mjs";
import { Failure } from "./failure.mjs";
import { cutLoader } from "./loader.mjs";
import { openProject, SDK } from "./project.mjs";
import { limitStack } from "./stack.mjs";
import { checkTypes } from "./types.mjs";
import { repairValues } from "./values.mjs";
import { writeWorld } from "./world.mjs";

/** Parts of the SDK whose calls the host refuses without a matching hook. */
const ANSWERED = [
  ["src/timers.js", "timer", "timers are set, but there is no hook `onTimer` that would be called: add it"],
  ["src/fetches.js", "fetch-events", "fetches are started, but no hook receives their answers: add `onChunk`, `onEnd`"],
];

/** So many bytes of a file may be in a bundle that uses nothing of it: a call that sets up another module. */
const UNUSED = 40;

async function build(folder, output) {
  const project = await openProject(folder);
  const types = checkTypes(project);
  try {
    await write(output, await made(project));
    await types.result();
  } finally {
    types.stop();
  }
}

async function made(project) {
  const { interfaces: hooks, features } = await examine(project);
  const interfaces = [...new Set([...hooks, ...features.interfaces])];
  const { code, imports, files } = await bundle(project, { interfaces, installs: features.installs });
  for (const [used, hook, complaint] of ANSWERED) {
    if (files.get(join(SDK, used)) > UNUSED && !hooks.includes(hook)) throw new Failure(`${project.entry}: ${complaint}`);
  }
  return { interfaces, code, imports };
}

async function write(output, { interfaces, code, imports }) {
  await rm(output, { recursive: true, force: true });
  await mkdir(output, { recursive: true });
  await writeWorld(join(output, "wit"), { interfaces, imports });
  await writeFile(join(output, "engine.wasm"), await engine());
  await writeFile(join(output, "bundle.js"), code);
}

/** QuickJS, corrected. */
async function engine() {
  return cutLoader(repairValues(limitStack(await readFile(join(SDK, "builder/quickjs.wasm")))));
}

const [folder, output, ...rest] = process.argv.slice(2);
try {
  if (output === undefined || rest.length > 0) throw new Failure("name the project's folder and where the result goes");
  if (!(await stat(folder).catch(() => undefined))?.isDirectory()) throw new Failure(`${folder} is not a folder`);
  await build(resolve(folder), resolve(output));
} catch (error) {
  // A Failure is an error of the author; anything else is a bug here, and is shown with its stack.
  console.error(error instanceof Failure ? `error: ${error.message}` : error);
  process.exitCode = 1;
}
