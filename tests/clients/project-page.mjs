// The page of a new project in a real browser, against a running server that serves it at / and has the lobby plugin.
// ROOMCAST_URL=http://127.0.0.1:8080 ROOMCAST_API=http://127.0.0.1:9090 node project-page.mjs [--screenshot FILE]

import { parseArgs } from "node:util";
import { chromium } from "playwright-core";
import { holds, ok, PATIENCE, run, same } from "./report.mjs";

const { values } = parseArgs({ options: { screenshot: { type: "string" } } });
const { ROOMCAST_URL: url, ROOMCAST_API: api } = process.env;

/** As in Safari, whose streams cannot be iterated. */
const withoutIterators = () => {
  delete ReadableStream.prototype[Symbol.asyncIterator];
  delete ReadableStream.prototype.values;
};

/** A fault within the page's own code. */
const withFault = () => {
  ReadableStreamDefaultReader.prototype.read = () => Promise.reject(new Error("out of order"));
};

const streams = async () => (await (await fetch(`${api}/v1/connections`)).json()).total;

async function open(browser, script) {
  const page = await browser.newPage();
  page.setDefaultTimeout(PATIENCE);
  await page.addInitScript(script);
  await page.goto(url);
  return page;
}

await run("project page: Chromium, with the streams of Safari", async () => {
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
      "--disable-background-networking", "--disable-component-update", "--disable-sync"],
  });
  try {
    const page = await open(browser, withoutIterators);
    await page.locator("#state[data-open]").waitFor();
    await page.locator("#events li", { hasText: "welcome" }).first().waitFor();
    ok("events are shown");
    await page.fill("#message", '{"type":"say","text":"hi <b>there</b>"}');
    await page.click("#send button");
    await page.locator("#events li", { hasText: "sent: 2" }).waitFor();
    await page.locator("#events li", { hasText: "hi <b>there</b>" }).first().waitFor();
    ok("what is sent comes back as an event, as text");
    same("one stream is open", await streams(), 1);
    if (values.screenshot) await page.screenshot({ path: values.screenshot });

    const id = /connected as (\S+)/.exec(await page.textContent("#state"))[1];
    await fetch(`${api}/v1/connections/${id}`, { method: "DELETE" });
    await page.locator("#state", { hasText: "trying again" }).waitFor();
    await page.locator(`#state[data-open]`).waitFor();
    holds("a stream that has ended is opened again", !(await page.textContent("#state")).includes(id));
    await page.close();

    const faulty = await open(browser, withFault);
    for (const seconds of [2, 4]) {
      await faulty.locator("#state", { hasText: `connection lost (Error: out of order), trying again in ${seconds} s` }).waitFor();
    }
    ok("an error is shown, and streams are opened more and more seldom");
    for (let turn = 0; turn < 1000 && (await streams()) > 0; turn++) await new Promise((done) => setTimeout(done, 10));
    same("the stream behind it is not left open", await streams(), 0);
  } finally {
    await browser.close();
  }
});
