// A browser window with the demo page in it, and what a person does and sees there.

import { createHash } from "node:crypto";
import { PATIENCE } from "../report.mjs";
import { url } from "../server.mjs";

export class Window {
  /** What the browser complained about: errors on the console, uncaught exceptions, dialogs. */
  complaints = [];
  /** The data of every event that reached the browser, whether the page showed it or not. */
  received = [];
  /** The connection's id, as the page last gave it with a message. */
  connection = null;

  /** Opens the page in a context of its own. `guard` may change the context before anything is loaded. */
  static async open(browser, query = "", guard = async () => {}) {
    const context = await browser.newContext();
    await guard(context);
    const window = new Window();
    const page = await context.newPage();
    window.page = page;
    page.setDefaultTimeout(PATIENCE);
    page.on("console", (message) => {
      if (["error", "warning"].includes(message.type())) window.complaints.push(message.text());
    });
    page.on("pageerror", (error) => window.complaints.push(String(error)));
    page.on("dialog", (dialog) => {
      window.complaints.push(`a dialog: ${dialog.message()}`);
      dialog.dismiss();
    });
    page.on("request", (request) => {
      window.connection = request.headers()["roomcast-connection"] ?? window.connection;
    });
    const wire = await context.newCDPSession(page);
    wire.on("Network.eventSourceMessageReceived", ({ data }) => window.received.push(data));
    await wire.send("Network.enable");
    await page.goto(`${url}/${query}`);
    return window;
  }

  /** Waits until `condition`, run in the page with `argument`, holds. */
  async until(what, condition, argument) {
    try {
      await this.page.waitForFunction(condition, argument);
    } catch (error) {
      const shown = await this.page.evaluate(() => document.body.innerText).catch(() => "(the page is gone)");
      throw new Error(`waited in vain until ${what}: ${error.message}\nThe page shows:\n${shown}\nComplaints: ${this.complaints}`);
    }
  }

  async state(state) {
    await this.until(`the status is ${state}`, (state) => document.querySelector("#status").dataset.state === state, state);
  }

  /** Fills in the form of name and room, and submits it. */
  async change({ name, room }) {
    if (name) await this.page.fill("#name", name);
    if (room) await this.page.fill("#room", room);
    await this.page.getByRole("button", { name: "Change" }).click();
  }

  /** Types a message, sends it with the Enter key, and waits until it has come back through the server. */
  async say(text) {
    await this.until("messages can be sent", () => !document.querySelector("#send").disabled);
    await this.page.fill("#say", text);
    await this.page.press("#say", "Enter");
    await this.until(`"${text}" has come back`, (text) => [...document.querySelectorAll(".chat.mine p")].at(-1)?.textContent === text, text);
  }

  /** Waits until a message is there, letter for letter. */
  async sees(name, text) {
    await this.until(`${name}'s "${text}" is there`, ([name, text]) =>
      [...document.querySelectorAll(".chat")].some((chat) => chat.dataset.name === name && chat.querySelector("p").textContent === text), [name, text]);
  }

  /** Waits until a note says something. */
  async noted(part) {
    await this.until(`a note says "${part}"`, (part) => [...document.querySelectorAll(".note")].some((note) => note.textContent.includes(part)), part);
  }

  /** Waits until exactly these people are present, by name and by count. */
  async present(...names) {
    await this.until(`${names} are present`, (names) =>
      [...document.querySelectorAll("#people .name")].map((name) => name.textContent).sort().join("\n") === names.sort().join("\n") &&
      document.querySelector("#count").textContent === String(names.length), names);
  }

  /** Whether an event with this text in it has reached the browser. */
  got(text) {
    return this.received.some((data) => data.includes(text));
  }

  close() {
    return this.page.context().close();
  }
}

/** Gives the page a policy that allows its own style and script by their hashes and nothing else inline. */
export async function strictPolicy(context) {
  await context.route((address) => address.pathname === "/", async (route) => {
    const response = await route.fetch();
    const body = await response.text();
    const hashes = (tag) => [...body.matchAll(new RegExp(`<${tag}>([^]*?)</${tag}>`, "g"))]
      .map(([, source]) => `'sha256-${createHash("sha256").update(source).digest("base64")}'`).join(" ");
    const policy = `default-src 'none'; connect-src 'self'; img-src data:; style-src ${hashes("style")}; script-src ${hashes("script")}; base-uri 'none'; form-action 'none'`;
    await route.fulfill({ response, body, headers: { ...response.headers(), "content-security-policy": policy } });
  });
}
