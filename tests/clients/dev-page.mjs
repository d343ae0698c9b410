// A page under `roomcast dev` in a real browser: it follows its files, and tells of the plugin's versions and failed builds.
// ROOMCAST_URL=http://127.0.0.1:8080 ROOMCAST_PROJECT=my-chat ROOMCAST_COMPONENT=x.wasm node dev-page.mjs [--screenshots DIR]
// The project is built from the component that its file `which` names.

import { readFileSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { chromium } from "playwright-core";
import { ok, PATIENCE, run, same } from "./report.mjs";

const { values } = parseArgs({ options: { screenshots: { type: "string" } } });
const { ROOMCAST_URL: url, ROOMCAST_PROJECT: project, ROOMCAST_COMPONENT: component } = process.env;
const EVIL = "</pre><img src=x onerror=alert(1)><b>no</b>";

async function open(context) {
  const page = await context.newPage();
  page.setDefaultTimeout(PATIENCE);
  page.on("dialog", () => process.exit(1));
  await page.goto(url);
  await page.locator("#state[data-open]").waitFor();
  return page;
}

await run("a page under `roomcast dev`: Chromium", async () => {
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
      "--disable-background-networking", "--disable-component-update", "--disable-sync"],
  });
  const show = async (page, name) => {
    if (!values.screenshots) return;
    for (const colorScheme of ["light", "dark"]) {
      await page.emulateMedia({ colorScheme });
      await page.screenshot({ path: `${values.screenshots}/${name}-${colorScheme}.png` });
    }
  };
  try {
    const context = await browser.newContext();
    const windows = [await open(context), await open(context)];
    const names = await Promise.all(windows.map((page) => page.inputValue("#query")));
    same("two windows are two people", new Set(names).size, 2);
    await show(windows[0], "open");

    writeFileSync(`${project}/page/index.html`, readFileSync(`${project}/page/index.html`, "utf8").replace("<h1>", "<h1 id=new>"));
    for (const page of windows) await page.locator("#new").waitFor();
    ok("both windows load a page that has changed, one of them by the other's stream");
    same("they stay who they are", await Promise.all(windows.map((page) => page.inputValue("#query"))), names);

    writeFileSync(`${project}/which`, component);
    for (const page of windows) await page.getByRole("status").filter({ hasText: "version 2 is here" }).waitFor();
    ok("both tell that a new version is here");
    const [page] = windows;
    await page.locator("#state[data-open]").waitFor();
    await page.fill("#message", '{"action":"trap"}');
    await page.click("#send button");
    await page.locator("#trouble", { hasText: /panicked at .*actions\.rs:\d+:\d+: told to trap/ }).waitFor();
    ok("an exception is shown with its reason and place");
    await show(page, "exception");

    writeFileSync(`${project}/which`, "/nowhere");
    for (const page of windows) await page.getByRole("alert").filter({ hasText: "version 2 keeps serving" }).waitFor();
    await show(page, "build");
    writeFileSync(`${project}/which`, component);
    for (const page of windows) await page.getByRole("alert").filter({ hasText: "keeps serving" }).waitFor({ state: "detached" });
    ok("both show why a build has failed, until one has not");

    await page.route("**/send", (route) => route.fulfill({ status: 500, body: EVIL }));
    await page.locator("#state[data-open]").waitFor();
    await page.fill("#message", "x");
    await page.click("#send button");
    await page.locator("#trouble", { hasText: "onerror" }).waitFor();
    same("markup in a reason is text", [await page.textContent("#trouble"), await page.locator("#trouble *").count()], [EVIL, 0]);
  } finally {
    await browser.close();
  }
});
