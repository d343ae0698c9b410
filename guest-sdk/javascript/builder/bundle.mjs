// Bundles a plugin into one file: the author's modules, libraries, and the parts of the SDK that they use.
import { isBuiltin } from "node:module";
import { join, relative } from "node:path";
import * as sdk from "../src/index.js";
import { nearest } from "../src/suggest.js";
import { Failure } from "./failure.mjs";
import { ALL_INSTALLS, FETCH } from "./features.mjs";
import { linesOf } from "./lines.mjs";
import { SDK } from "./project.mjs";

/** The engine's own promises would never settle, so `async` becomes generators over the SDK's: see src/platform/promise.js. */
const LOWERED = { "async-await": false, "async-generator": false, "for-await": false };

const HOST = /^(roomcast|wasi|wasx):/;

/** Imported interfaces come from the host. Unused ones are left out. */
const fromHost = {
  name: "host",
  setup(build) {
    build.onResolve({ filter: HOST }, ({ path }) => ({ path, external: true, sideEffects: false }));
  },
};

/** The bundle for the engine, with the interfaces that it exports, those that it imports, and the SDK's files that are in it. */
export async function bundle(project, { interfaces, installs = [] }) {
  const code = [
    ...importsOf(installs),
    `import plugin from ${quote(join(project.folder, project.entry))};`,
    `import { exportsOf } from ${quote(join(SDK, "src/component.js"))};`,
    `export const { ${interfaces.map(camelCase).join(", ")} } = exportsOf(plugin);`,
  ];
  const { outputFiles, metafile } = await run(project, code, { format: "esm" });
  const [output] = Object.values(metafile.outputs).filter(({ entryPoint }) => entryPoint);
  // What else is external is a `require` that its author has wrapped in `try`: it throws.
  const imports = new Set(output.imports.filter(({ external, path }) => external && HOST.test(path)).map(({ path }) => path));
  return { code: withLines(project, outputFiles), imports: [...imports].sort(), files: filesIn(project, output) };
}

/** The same for Node.js: a script that leaves the author's exports in a variable, and calls `require` for the host's. */
export async function script(project, variable) {
  const code = [
    ...importsOf(ALL_INSTALLS),
    `import * as author from ${quote(join(project.folder, project.entry))};`,
    `import * as hooks from ${quote(join(SDK, "src/hooks.js"))};`,
    `export { author, hooks };`,
  ];
  const { outputFiles, metafile } = await run(project, code, { format: "iife", globalName: variable });
  const [output] = Object.values(metafile.outputs).filter(({ entryPoint }) => entryPoint);
  const text = (ending) => outputFiles.find(({ path }) => path.endsWith(ending)).text;
  const lines = linesOf(JSON.parse(text(".map")), text(".js"), (path) => named(project, path));
  return { code: text(".js"), lines, files: filesIn(project, output) };
}

/** The polyfills, then these modules of the SDK. */
function importsOf(installs) {
  return ["src/platform/install.js", ...installs].map((path) => `import ${quote(join(SDK, path))};`);
}

/** The files of which something is in the output, with how many bytes that is. */
function filesIn(project, output) {
  const used = Object.entries(output.inputs).filter(([, { bytesInOutput }]) => bytesInOutput > 0);
  return new Map(used.map(([path, { bytesInOutput }]) => [join(project.folder, path), bytesInOutput]));
}

async function run(project, lines, options) {
  const { build } = await project.tool("esbuild");
  try {
    return await build({
      stdin: { contents: lines.join("\n"), resolveDir: project.folder, sourcefile: join(SDK, "component") },
      absWorkingDir: project.folder,
      outfile: "bundle.js",
      bundle: true,
      write: false,
      metafile: true,
      sourcemap: "external",
      target: "es2023",
      // Its field `browser` in package.json says which file a package has for browsers, and which modules it does without.
      platform: "browser",
      // Packages for browsers and workers need no more than there is here; those for Node.js do.
      conditions: ["roomcast", "worker", "browser", "import", "module"],
      define: { "process.env.NODE_ENV": '"production"' },
      inject: [join(SDK, FETCH)],
      alias: { roomcast: join(SDK, "src/index.js") },
      supported: LOWERED,
      plugins: [fromHost],
      charset: "utf8",
      legalComments: "none",
      logLevel: "silent",
      ...options,
    });
  } catch (error) {
    throw error.errors ? new Failure(error.errors.map((each) => explain(project, each)).join("\n")) : error;
  }
}

/** The line table comes after the code, so that it does not shift its lines. */
function withLines(project, files) {
  const text = (ending) => files.find(({ path }) => path.endsWith(ending)).text;
  const lines = linesOf(JSON.parse(text(".map")), text(".js"), (path) => named(project, path));
  return `${text(".js")}\nglobalThis.__roomcastLines = ${JSON.stringify(lines)};\n`;
}

/** The name of a source in errors; undefined for the SDK's own sources. */
function named(project, path) {
  const absolute = join(project.folder, path);
  return absolute.startsWith(join(SDK, "src")) ? undefined : relative(project.folder, absolute);
}

function explain(project, { text, location, notes }) {
  const at = location ? `${location.file}:${location.line}:${location.column + 1}: ` : "";
  const line = location?.lineText ? `\n    ${location.lineText.trim()}` : "";
  const more = hint(text) ?? notes.map((note) => note.text).find(Boolean);
  return `${at}${text}${line}${more ? `\n    ${more}` : ""}`;
}

/** Hints that the bundler cannot give. */
function hint(text) {
  const library = /^Could not resolve "((?:@[^/]+\/)?[^./"][^/"]*)/.exec(text)?.[1];
  if (library && isBuiltin(library)) {
    return "A plugin does not run in Node.js: its modules are not there. Use a library that works in browsers.";
  }
  if (library) return `Install it: npm install ${library}`;
  const missing = /^No matching export in .*src\/index\.js" for import "(.*)"/.exec(text)?.[1];
  if (missing) {
    const meant = nearest(missing, Object.keys(sdk));
    return meant ? `Did you mean \`${meant}\`?` : `"roomcast" has ${Object.keys(sdk).join(", ")}.`;
  }
  if (/^Top-level await/i.test(text)) return "Top-level await is not supported: use `init`.";
  return undefined;
}

/** The JavaScript name of an interface of the contract. */
const camelCase = (name) => name.replace(/-./g, ([, letter]) => letter.toUpperCase());

const quote = (path) => JSON.stringify(path);
