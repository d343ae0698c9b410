// node main.mjs PROJECT_DIR OUTPUT: from a plugin's source to a component at OUTPUT.
//
// 1. run the code outside of the hooks once, to see which hooks there are and whether it works without a server
// 2. check the types, if the project is in TypeScript
// 3. write the world: the contract's interfaces for these hooks, and the imports that the code uses
// 4. bundle all of it into one file, and make a component of that and of the JavaScript engine
import { mkdir, mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { bundle } from "./bundle.mjs";
import { examine } from "./examine.mjs";
import { Failure } from "./failure.mjs";
import { openProject, SDK } from "./project.mjs";
import { renameImports } from "./rename.mjs";
import { limitStack } from "./stack.mjs";
import { checkTypes } from "./types.mjs";
import { repairValues } from "./values.mjs";
import { WORLD, writeWorld } from "./world.mjs";

/** Parts of the SDK whose calls the host refuses without a matching hook. */
const ANSWERED = [
  ["src/timers.js", "timer", "timers are set, but there is no hook `onTimer` that would be called: add it"],
  ["src/fetches.js", "fetch-events", "fetches are started, but no hook receives their answers: add `onChunk`, `onEnd`"],
];

/** So many bytes of a file may be in a bundle that uses nothing of it: a call that sets up another module. */
const UNUSED = 40;

async function build(folder, output) {
  const project = await openProject(folder);
  const { interfaces: hooks, features } = await examine(project);
  await checkTypes(project);
  const interfaces = [...new Set([...hooks, ...features.interfaces])];
  const { code, imports, files } = await bundle(project, { interfaces, installs: features.installs });
  for (const [used, hook, complaint] of ANSWERED) {
    if (files.get(join(SDK, used)) > UNUSED && !hooks.includes(hook)) throw new Failure(`${project.entry}: ${complaint}`);
  }
  const component = await componentize(project, { code, interfaces, imports });
  await mkdir(dirname(output), { recursive: true });
  await writeFile(output, component);
}

/** QuickJS with the bundle: it is run up to the end of its modules, and the component starts from the memory after that. */
async function componentize(project, { code, interfaces, imports }) {
  const wit = await mkdtemp(join(tmpdir(), "roomcast-wit-"));
  try {
    await writeWorld(wit, { interfaces, imports });
    const { componentize } = await project.tool("componentize-qjs");
    // `sync`: the host's calls are plain ones. `optSize`: half the time to compile, for somewhat slower calls.
    const made = await componentize({ witPath: wit, world: WORLD, jsSource: code, sync: true, optSize: true });
    return repairValues(limitStack(renameImports(made.component)));
  } catch (error) {
    throw error instanceof Failure ? error : new Failure(`the component could not be made: ${error.message}`);
  } finally {
    await rm(wit, { recursive: true, force: true });
  }
}

const [folder, output, ...rest] = process.argv.slice(2);
try {
  if (output === undefined || rest.length > 0) throw new Failure("name the project's folder and where the component goes");
  if (!(await stat(folder).catch(() => undefined))?.isDirectory()) throw new Failure(`${folder} is not a folder`);
  await build(resolve(folder), resolve(output));
} catch (error) {
  // A Failure is an error of the author; anything else is a bug here, and is shown with its stack.
  console.error(error instanceof Failure ? `error: ${error.message}` : error);
  process.exitCode = 1;
}
