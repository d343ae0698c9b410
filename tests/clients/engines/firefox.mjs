// Firefox, by Marionette: the protocol by which geckodriver speaks to it, so that no geckodriver is needed.

import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PATIENCE } from "../report.mjs";
import { Page } from "./page.mjs";
import { Program } from "./program.mjs";

/** Nothing is fetched, asked or shown but the pages of the test. */
const PREFERENCES = {
  "marionette.port": 0, // any that is free; Firefox writes it into the profile
  "app.normandy.enabled": false,
  "app.update.disabledForTesting": true,
  "browser.aboutwelcome.enabled": false,
  "browser.shell.checkDefaultBrowser": false,
  "browser.startup.homepage_override.mstone": "ignore",
  "datareporting.policy.dataSubmissionEnabled": false,
  "network.captive-portal-service.enabled": false,
  "network.connectivity-service.enabled": false,
  "remote.prefs.recommended": true,
  "services.settings.server": "data:,#remote-settings-dummy/v1",
  "toolkit.telemetry.reportingpolicy.firstRun": false,
};

export async function firefox(use) {
  const profile = await mkdtemp(join(tmpdir(), "roomcast-firefox-"));
  const lines = Object.entries(PREFERENCES).map(([name, value]) => `user_pref(${JSON.stringify(name)}, ${JSON.stringify(value)});\n`);
  await writeFile(join(profile, "user.js"), lines.join(""));
  const program = new Program(process.env.FIREFOX ?? "firefox-esr", ["--headless", "--marionette", "--no-remote", "--profile", profile]);
  try {
    const marionette = await program.orFail(Marionette.connect(join(profile, "MarionetteActivePort")));
    const command = (name, parameters) => program.orFail(marionette.command(`WebDriver:${name}`, parameters));
    await command("NewSession", {});
    return await use(new Page(async (name, parameters) => {
      const answer = await command(name, parameters);
      return name === "ExecuteScript" ? answer.value : answer;
    }));
  } finally {
    await program.end();
    await rm(profile, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** One connection. A message is its length, a colon and an array: `[0, ID, COMMAND, PARAMETERS]`, `[1, ID, ERROR, RESULT]`. */
class Marionette {
  #socket;
  #input = Buffer.alloc(0);
  #waiting = new Map();
  #number = 0;

  static async connect(portFile) {
    const port = await written(portFile);
    const marionette = new Marionette();
    marionette.#socket = connect(port, "127.0.0.1");
    marionette.#socket.on("data", (bytes) => marionette.#read(bytes));
    marionette.#socket.on("error", () => {}); // the program's end tells more
    await once(marionette.#socket, "connect");
    return marionette;
  }

  command(name, parameters) {
    const id = ++this.#number;
    const message = Buffer.from(JSON.stringify([0, id, name, parameters]));
    this.#socket.write(Buffer.concat([Buffer.from(`${message.length}:`), message]));
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, (error, result) => (error ? reject(new Error(`${name}: ${error.error}: ${error.message}`)) : resolve(result)));
    });
  }

  #read(bytes) {
    this.#input = Buffer.concat([this.#input, bytes]);
    for (;;) {
      const colon = this.#input.indexOf(":");
      const end = colon + 1 + Number(this.#input.subarray(0, Math.max(colon, 0)));
      if (colon < 0 || this.#input.length < end) return;
      const message = JSON.parse(this.#input.subarray(colon + 1, end));
      this.#input = this.#input.subarray(end);
      if (!Array.isArray(message)) continue; // the greeting
      const [, id, error, result] = message;
      this.#waiting.get(id)?.(error, result);
      this.#waiting.delete(id);
    }
  }
}

async function written(file) {
  for (const end = Date.now() + 2 * PATIENCE; Date.now() < end; ) {
    const text = await readFile(file, "utf8").catch(() => "");
    if (text) return Number(text);
    await new Promise((done) => setTimeout(done, 50));
  }
  throw new Error(`Firefox does not listen: ${file} is not there`);
}
