// A program that runs beside the test and ends with it.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { createInterface } from "node:readline";

export class Program {
  #child;
  #failed;

  constructor(path, args, variables = {}) {
    this.#child = spawn(path, args, { stdio: ["ignore", "pipe", "ignore"], env: { ...process.env, ...variables } });
    this.#failed = new Promise((_, reject) => {
      this.#child.on("error", (why) => reject(new Error(`${path}: ${why.message}; \`cargo xtask setup\` installs what is missing`)));
      this.#child.on("exit", (code, signal) => reject(new Error(`${path} has ended: ${signal ?? code}`)));
    });
    this.#failed.catch(() => {});
    process.on("exit", () => this.#child.kill("SIGKILL"));
  }

  /** What `promise` resolves to; an error when the program ends before. */
  orFail(promise) {
    return Promise.race([promise, this.#failed]);
  }

  /** The first line that it writes. */
  async line() {
    const [line] = await this.orFail(once(createInterface(this.#child.stdout), "line"));
    return line;
  }

  /** Ends it, and waits until it has ended. */
  async end() {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null || !this.#child.pid) return;
    const ended = once(this.#child, "exit");
    this.#child.kill("SIGTERM");
    await ended;
  }
}

/** A port that nothing listens on. */
export async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  await new Promise((closed) => server.close(closed));
  return port;
}
