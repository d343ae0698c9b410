// What the build makes of npm packages.
import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { bundle } from "../builder/bundle.mjs";
import { openProject } from "../builder/project.mjs";

/** The bundle of a project with these files. */
async function bundled(context, files) {
  const folder = await mkdtemp(join(tmpdir(), "bundle-"));
  context.after(() => rm(folder, { recursive: true }));
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), typeof content === "string" ? content : JSON.stringify(content));
  }
  return bundle(await openProject(folder), { interfaces: ["lifecycle", "timer"] });
}

const plugin = (use) => `import { definePlugin } from "roomcast"; ${use}\nexport default definePlugin({ onTimer() { console.log(used); } });`;

test("of a package with several builds the one for browsers is taken", async (context) => {
  const { code } = await bundled(context, {
    "plugin.js": plugin('import used from "ids";'),
    "node_modules/ids/package.json": { name: "ids", type: "module", exports: { browser: "./browser.js", default: "./node.js" } },
    "node_modules/ids/browser.js": 'export default "for browsers";',
    "node_modules/ids/node.js": 'import "node:crypto"; export default "for Node.js";',
  });
  assert.match(code, /for browsers/);
});

test("a package may ask for the environment, and try to load what is not there", async (context) => {
  const { code, imports } = await bundled(context, {
    "plugin.js": plugin('import used from "old";'),
    "node_modules/old/package.json": { name: "old", main: "./index.js" },
    "node_modules/old/index.js": 'try { require("crypto"); } catch {} if (process.env.NODE_ENV === "production") module.exports = "quick";',
  });
  assert.doesNotMatch(code, /process\.env/);
  assert.ok(!imports.includes("crypto"), imports.join());
});

test("a package says by its field `browser` what it is for browsers", async (context) => {
  const { code } = await bundled(context, {
    "plugin.js": plugin('import one from "whole"; import two from "parts"; const used = [one, two];'),
    "node_modules/whole/package.json": { name: "whole", main: "./node.js", browser: "./browser.js" },
    "node_modules/whole/node.js": 'module.exports = require("fs");',
    "node_modules/whole/browser.js": 'module.exports = "whole for browsers";',
    "node_modules/parts/package.json": { name: "parts", main: "./index.js", browser: { crypto: false, "./random.js": "./random-browser.js" } },
    "node_modules/parts/index.js": 'require("crypto"); module.exports = require("./random.js");',
    "node_modules/parts/random.js": 'module.exports = "for Node.js";',
    "node_modules/parts/random-browser.js": 'module.exports = "parts for browsers";',
  });
  assert.match(code, /whole for browsers/);
  assert.match(code, /parts for browsers/);
  assert.doesNotMatch(code, /for Node\.js/);
});
