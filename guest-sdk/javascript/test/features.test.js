// Which parts of the SDK a component has.
import assert from "node:assert/strict";
import { mkdir, mkdtemp, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { bundle } from "../builder/bundle.mjs";
import { examine } from "../builder/examine.mjs";
import { openProject, SDK } from "../builder/project.mjs";

/** What the builder finds out about a project with these files, and its bundle. */
async function built(context, files) {
  const folder = await realpath(await mkdtemp(join(tmpdir(), "features-")));
  context.after(() => rm(folder, { recursive: true }));
  for (const [name, content] of Object.entries({ "package.json": '{"name":"x","type":"module"}', ...files })) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), content);
  }
  const project = await openProject(folder);
  const { interfaces, features } = await examine(project);
  const made = await bundle(project, { interfaces: [...interfaces, ...features.interfaces], installs: features.installs });
  return { ...features, ...made };
}

const plugin = (hook, imports = "") => ({ "plugin.js": `import { definePlugin, hub } from "roomcast";\n${imports}\nexport default definePlugin({ onMessage(connection) { ${hook} } });` });

test("a plugin that names none of them has none of them", async (context) => {
  const { installs, interfaces, imports } = await built(context, plugin('hub.broadcast("tea", "crypto");'));
  assert.deepEqual([installs, interfaces], [[], []]);
  assert.deepEqual(imports.filter((name) => /crypto|timers|http/.test(name)), []);
});

test("names in the plugin and in its packages bring what they need", async (context) => {
  const cases = [
    [plugin("setTimeout(() => {}, 5);"), ["timer"], "roomcast:plugin/timers@0.1.0"],
    [plugin("later();", 'import later from "later";'), ["timer"], "roomcast:plugin/timers@0.1.0"],
    [plugin('return globalThis.crypto.subtle.digest("SHA-1", new Uint8Array());'), [], "roomcast:plugin/crypto@0.1.0"],
    [plugin('return fetch("https://example.org/");'), [], "wasx:http/outgoing-handler@0.2.0"],
    [plugin('return globalThis.fetch("https://example.org/");'), [], "wasx:http/outgoing-handler@0.2.0"],
    [plugin("connection.state = 1;"), ["state", "disconnect"], undefined],
    [plugin("const { tag, state } = connection;"), ["state", "disconnect"], undefined],
    [plugin('hub.room("tea").state = 1;'), ["state", "disconnect", "room"], undefined],
    [plugin("const state = body.json()?.state ?? body.json().state;"), [], undefined],
    [plugin("store();", 'import store from "store";'), [], undefined],
  ];
  const packages = {
    "node_modules/later/package.json": '{"name":"later","main":"./index.js"}',
    "node_modules/later/index.js": "module.exports = (context) => globalThis.setTimeout(() => {}, 5);",
    "node_modules/store/package.json": '{"name":"store","main":"./index.js"}',
    "node_modules/store/index.js": "const self = { state: 1 }; module.exports = () => self.state;",
  };
  for (const [files, interfaces, imported] of cases) {
    const found = await built(context, { ...packages, ...files });
    assert.deepEqual(found.interfaces, interfaces, files["plugin.js"]);
    if (imported) assert.ok(found.imports.includes(imported), files["plugin.js"]);
  }
});

test("what is not used is not there, also beside a CommonJS module that uses fetch", async (context) => {
  const { files, imports } = await built(context, {
    ...plugin("return old();", 'import old from "old";'),
    "node_modules/old/package.json": '{"name":"old","main":"./index.js"}',
    "node_modules/old/index.js": 'module.exports = () => fetch("https://example.org/");',
  });
  assert.ok(!imports.some((name) => /timers|plugin\/fetch/.test(name)), imports.join());
  for (const name of ["timers.js", "fetches.js"]) assert.ok(!(files.get(join(SDK, "src", name)) > 40), name);
});
