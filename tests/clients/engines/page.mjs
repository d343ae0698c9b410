// A page in a browser, by the commands of WebDriver that all engines have.

import { PATIENCE } from "../report.mjs";

const ELEMENT = "element-6066-11e4-a52e-4f735466cecf"; // the key of a reference, fixed by the standard

export class Page {
  /** `command` sends one command of WebDriver, by the name that Marionette gives it. */
  constructor(command) {
    this.command = command;
  }

  open(url) {
    return this.command("Navigate", { url });
  }

  /** Runs a function in the page with these arguments, which have to be JSON; resolves to what it returns. */
  run(body, ...args) {
    return this.command("ExecuteScript", { script: `return (${body})(...arguments)`, args });
  }

  /** Waits until a function, run in the page with these arguments, returns something that is true; resolves to it. */
  async until(what, condition, ...args) {
    for (const end = Date.now() + PATIENCE; Date.now() < end; ) {
      const value = await this.run(condition, ...args);
      if (value) return value;
      await new Promise((done) => setTimeout(done, 50));
    }
    throw new Error(`waited in vain until ${what}. The page shows:\n${await this.run(() => document.body.innerText)}`);
  }

  /** Replaces what stands in a field, as somebody does who types. */
  async type(selector, text) {
    const id = await this.#find(selector);
    await this.command("ElementClear", { id });
    await this.command("ElementSendKeys", { id, text });
  }

  async click(selector) {
    await this.command("ElementClick", { id: await this.#find(selector) });
  }

  async #find(selector) {
    const found = await this.command("FindElement", { using: "css selector", value: selector });
    return (found.value ?? found)[ELEMENT];
  }
}
