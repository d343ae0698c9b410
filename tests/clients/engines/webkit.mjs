// WebKitGTK, the engine of Safari, by its WebDriver. It needs a display, so it gets one that nobody sees.

import { existsSync } from "node:fs";
import { Page } from "./page.mjs";
import { Program, freePort } from "./program.mjs";

/** Where Debian and its kin, Fedora and Arch keep the small browser of the engine. */
const BROWSERS = ["x86_64-linux-gnu", "aarch64-linux-gnu", "."].flatMap((folder) =>
  ["4.1", "4.0", "6.0"].map((version) => `/usr/lib/${folder}/webkit${version === "6.0" ? "" : "2"}gtk-${version}/MiniBrowser`));

/** How a command of `Page` is sent over HTTP. */
const REQUESTS = {
  Navigate: () => ["POST", "/url"],
  ExecuteScript: () => ["POST", "/execute/sync"],
  FindElement: () => ["POST", "/element"],
  ElementClear: ({ id }) => ["POST", `/element/${id}/clear`],
  ElementClick: ({ id }) => ["POST", `/element/${id}/click`],
  ElementSendKeys: ({ id }) => ["POST", `/element/${id}/value`],
};

export async function webkit(use) {
  const display = new Program("Xvfb", ["-displayfd", "1", "-screen", "0", "1280x900x24", "-nolisten", "tcp"]);
  const driver = { end: async () => {} };
  try {
    const number = (await display.line()).trim();
    const port = await freePort();
    const program = new Program(process.env.WEBKIT_DRIVER ?? "WebKitWebDriver", [`--port=${port}`, "--host=127.0.0.1"], { DISPLAY: `:${number}` });
    driver.end = () => program.end();
    const call = (...request) => program.orFail(send(`http://127.0.0.1:${port}`, ...request));
    const binary = process.env.WEBKIT_BROWSER ?? BROWSERS.find(existsSync);
    const options = { binary, args: ["--automation"] };
    const { sessionId } = await call("POST", "/session", { capabilities: { alwaysMatch: { "webkitgtk:browserOptions": options } } });
    const session = `/session/${sessionId}`;
    try {
      return await use(new Page((name, parameters) => {
        const [method, path] = REQUESTS[name](parameters);
        return call(method, session + path, parameters);
      }));
    } finally {
      await call("DELETE", session).catch(() => {});
    }
  } finally {
    await driver.end();
    await display.end();
  }
}

async function send(base, method, path, body) {
  const request = { method, body: body && JSON.stringify(body), headers: { "Content-Type": "application/json" } };
  for (let turn = 0; ; turn++) {
    let answer;
    try {
      answer = await fetch(base + path, request);
    } catch (why) {
      if (turn === 200) throw why;
      await new Promise((done) => setTimeout(done, 50)); // it does not listen yet
      continue;
    }
    const { value } = await answer.json();
    if (!answer.ok) throw new Error(`${method} ${path}: ${value.error}: ${value.message}`);
    return value;
  }
}
