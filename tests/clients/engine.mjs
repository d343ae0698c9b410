// The demo page, or the page of a new project, in another engine than Chromium, against a running server that serves it at /
// and has the lobby plugin.
// ROOMCAST_URL=http://127.0.0.1:8080 ROOMCAST_API=http://127.0.0.1:9090 node engine.mjs firefox|webkit demo|project

import { firefox } from "./engines/firefox.mjs";
import { demo, eventSource, project } from "./engines/visits.mjs";
import { webkit } from "./engines/webkit.mjs";
import { run } from "./report.mjs";

const ENGINES = { firefox, webkit };
const VISITS = { demo: [demo, eventSource], project: [project] };
const [engine, page] = process.argv.slice(2);
if (!(engine in ENGINES && page in VISITS)) throw new Error("usage: engine.mjs firefox|webkit demo|project");

await run(`${engine}: ${page} page`, () => ENGINES[engine](async (window) => {
  for (const visit of VISITS[page]) await visit(window);
}));
