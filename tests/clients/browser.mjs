// The demo page in a real browser, against a running server that has the lobby plugin and serves the page at /.
// ROOMCAST_URL=http://127.0.0.1:8080 ROOMCAST_API=http://127.0.0.1:9090 node browser.mjs [--screenshots DIR]

import { parseArgs } from "node:util";
import { chromium } from "playwright-core";
import { looks } from "./browser/looks.mjs";
import { native } from "./browser/native.mjs";
import { talk } from "./browser/talk.mjs";
import { trouble } from "./browser/trouble.mjs";
import { run } from "./report.mjs";

const { values } = parseArgs({ options: { screenshots: { type: "string" } } });

await run("browser: Chromium on the demo page", async () => {
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
      "--disable-background-networking", "--disable-component-update", "--disable-sync"],
  });
  try {
    const { ada } = await talk(browser);
    await looks(ada, values.screenshots);
    await trouble(browser);
    await native(browser);
  } finally {
    await browser.close();
  }
});
